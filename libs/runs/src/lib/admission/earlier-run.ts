import type { DataSource } from 'typeorm';
import type { RunRequest } from './admit-run.ts';
import { findKeyedRun } from './idempotency.ts';

const UNIQUE_VIOLATION = '23505';
const ONE_RUN_EACH = ['idempotency_keys_pkey', 'runs_once_per_backfill', 'runs_once_per_occurrence'];

/**
 * The run that was admitted for the same thing before: the same idempotency key, the same window of a backfill, or the
 * same occurrence of a schedule. Undefined when there is none.
 * @throws PipelineError `idempotency_key_reused` when the key was sent with another request.
 */
export async function findEarlierRun(
  dataSource: DataSource,
  request: RunRequest,
): Promise<string | undefined> {
  const { org, provider, domain, pipeline, window, idempotency, backfillId, scheduledFor } = request;
  if (idempotency) return findKeyedRun(dataSource, org, idempotency);
  if (backfillId === undefined && scheduledFor === undefined) return undefined;
  const [run] = await dataSource.query<{ id: string }[]>(
    `SELECT id FROM pipelines.runs
     WHERE (backfill_id = $1 AND window_start = $2)
       OR (org_slug = $3 AND provider = $4 AND domain = $5 AND pipeline = $6 AND scheduled_for = $7)`,
    [backfillId ?? null, window.start, org, provider, domain, pipeline, scheduledFor ?? null],
  );
  return run?.id;
}

/** Whether an admission failed because another one for the same thing came first. */
export function isAdmittedAlready(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === UNIQUE_VIOLATION && constraint !== undefined && ONE_RUN_EACH.includes(constraint);
}
