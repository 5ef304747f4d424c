import type { RunWindow } from '@pipelines/pipeline';
import type { EntityManager } from 'typeorm';

/**
 * A backfill whose row this transaction holds, so that no other process advances it at the same time. None of its runs
 * is archived while it is open.
 */
export interface HeldBackfill {
  readonly id: string;
  readonly org: string;
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
  readonly maxConcurrent: number;
  readonly cancelled: boolean;
}

/** Why a backfill could admit no further run, and when it tries again. */
export interface AdvanceHold {
  readonly code: string;
  readonly message: string;
  readonly retryMs: number;
}

/** How often an open backfill looks whether it can go on. */
export const ADVANCE_EVERY_MS = 1_000;

/**
 * Takes hold of an open backfill that is due; undefined when it is not, or when another process has it. The lock leaves
 * room for the foreign keys of concurrent inserts, and goes with the transaction, however the process ends.
 */
export async function holdDueBackfill(manager: EntityManager, id: string): Promise<HeldBackfill | undefined> {
  const [held] = await manager.query<HeldBackfill[]>(
    `SELECT id, org_slug AS org, provider, domain, pipeline, max_concurrent AS "maxConcurrent",
       cancelled_at IS NOT NULL AS cancelled
     FROM pipelines.backfills
     WHERE id = $1 AND finished_at IS NULL AND next_advance_at <= now()
     FOR NO KEY UPDATE SKIP LOCKED`,
    [id],
  );
  return held;
}

/** The windows that may get a run now: as many of those without one as `maxConcurrent` leaves room for. */
export async function nextWindows(
  manager: EntityManager,
  { id, maxConcurrent }: HeldBackfill,
): Promise<readonly RunWindow[]> {
  return manager.query<RunWindow[]>(
    `SELECT window_start::text AS start, window_end::text AS "end"
     FROM pipelines.backfill_windows AS part
     WHERE backfill_id = $1 AND NOT EXISTS (
       SELECT FROM pipelines.runs WHERE runs.backfill_id = $1 AND runs.window_start = part.window_start)
     ORDER BY window_start
     LIMIT greatest(0, $2 - (
       SELECT count(*) FROM pipelines.runs
       WHERE backfill_id = $1 AND status IN ('pending', 'validating', 'running')))`,
    [id, maxConcurrent],
  );
}

/** The backfill's runs that wait for a worker. */
export async function waitingRuns(manager: EntityManager, { id }: HeldBackfill): Promise<readonly string[]> {
  const runs = await manager.query<{ id: string }[]>(
    `SELECT id FROM pipelines.runs WHERE backfill_id = $1 AND status = 'pending'`,
    [id],
  );
  return runs.map((run) => run.id);
}

/** Says when the backfill is due again and what holds it, and ends it when none of its runs is left to come or to end. */
export async function recordAdvance(
  manager: EntityManager,
  { id }: HeldBackfill,
  hold: AdvanceHold | undefined,
): Promise<void> {
  await manager.query(
    `UPDATE pipelines.backfills SET
       held_by_code = $2, held_by_message = $3, next_advance_at = now() + $4 * interval '1 millisecond',
       finished_at = CASE WHEN NOT EXISTS (
           SELECT FROM pipelines.runs
           WHERE backfill_id = $1 AND status IN ('pending', 'validating', 'running'))
         AND (cancelled_at IS NOT NULL OR NOT EXISTS (
           SELECT FROM pipelines.backfill_windows AS part
           WHERE part.backfill_id = $1 AND NOT EXISTS (
             SELECT FROM pipelines.runs WHERE runs.backfill_id = $1 AND runs.window_start = part.window_start)))
         THEN now() END
     WHERE id = $1`,
    [id, hold?.code ?? null, hold?.message ?? null, hold?.retryMs ?? ADVANCE_EVERY_MS],
  );
}
