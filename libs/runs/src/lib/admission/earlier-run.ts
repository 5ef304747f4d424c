import type { DataSource } from 'typeorm';
import type { RunRequest } from './admit-run.ts';
import { findKeyedRun } from './idempotency.ts';

const UNIQUE_VIOLATION = '23505';
const ONE_RUN_EACH = ['idempotency_keys_pkey', 'runs_once_per_backfill', 'runs_once_per_occurrence'];

const DAY_MS = 24 * 3600 * 1000;

const FOR_THE_SAME = `(
  (backfill_id = $1 AND window_start = $2)
  OR (org_slug = $3 AND provider = $4 AND domain = $5 AND pipeline = $6 AND scheduled_for = $7))`;

/** What makes two requests ask for one and the same run; the window is that of a backfill's run. */
export type RepeatableRequest = Omit<RunRequest, 'runId' | 'window'> & Partial<Pick<RunRequest, 'window'>>;

/**
 * The run that was admitted for the same thing before: the same idempotency key, the same window of a backfill, or the
 * same occurrence of a schedule; also when it is archived. Undefined when there is none.
 *
 * A run is admitted at its occurrence's time or later, so that the months of the archive before it need no look; a day
 * is more than clocks differ.
 * @throws PipelineError `idempotency_key_reused` when the key was sent with another request.
 */
export async function findEarlierRun(
  dataSource: DataSource,
  request: RepeatableRequest,
): Promise<string | undefined> {
  const { org, provider, domain, pipeline, window, idempotency, backfillId, scheduledFor } = request;
  if (idempotency) return findKeyedRun(dataSource, org, idempotency);
  if (backfillId === undefined && scheduledFor === undefined) return undefined;
  const [run] = await dataSource.query<{ id: string }[]>(
    `SELECT id FROM pipelines.runs WHERE ${FOR_THE_SAME}
     UNION ALL
     SELECT id FROM pipelines.archived_runs WHERE ${FOR_THE_SAME}
       AND ($8::timestamptz IS NULL OR pending_at > $8)`,
    [
      backfillId ?? null,
      window?.start ?? null,
      org,
      provider,
      domain,
      pipeline,
      scheduledFor ?? null,
      scheduledFor ? new Date(scheduledFor.getTime() - DAY_MS) : null,
    ],
  );
  return run?.id;
}

/** Whether an admission failed because another one for the same thing came first. */
export function isAdmittedAlready(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === UNIQUE_VIOLATION && constraint !== undefined && ONE_RUN_EACH.includes(constraint);
}
