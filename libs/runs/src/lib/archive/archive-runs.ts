import type { DataSource } from 'typeorm';
import { ensurePartition, monthColumns, type ArchiveMonth } from './archive-month.ts';

/**
 * Runs that ended more than $1 days ago and that nothing needs in the live table any more. An open backfill looks for
 * its windows' runs there, and an idempotency key refers to its run until it has expired.
 */
const DUE = `
  finished_at < now() - $1 * interval '1 day'
  AND NOT EXISTS (SELECT FROM pipelines.idempotency_keys WHERE run_id = runs.id)
  AND NOT EXISTS (SELECT FROM pipelines.backfills WHERE id = runs.backfill_id AND finished_at IS NULL)`;

const NEXT_MONTH = `
  SELECT ${monthColumns(`pending_at AT TIME ZONE 'UTC'`)}
  FROM pipelines.runs WHERE ${DUE}
  ORDER BY runs.finished_at LIMIT 1`;

/**
 * Moves runs of one month. The lock comes first and passes over rows that others hold, so that several processes move
 * different runs; a run is deleted and inserted in the same statement, so that it is in one of the tables at any time.
 */
const MOVE = `
  WITH due AS MATERIALIZED (
    SELECT id FROM pipelines.runs
    WHERE ${DUE} AND pending_at >= $2::timestamptz AND pending_at < $3::timestamptz
    ORDER BY finished_at LIMIT $4
    FOR UPDATE SKIP LOCKED
  ),
  taken AS (DELETE FROM pipelines.runs USING due WHERE runs.id = due.id RETURNING runs.*),
  archived AS (INSERT INTO pipelines.archived_runs SELECT * FROM taken RETURNING id)
  SELECT count(*)::int AS runs FROM archived`;

/**
 * Moves at most `limit` runs that ended more than `afterDays` days ago, all of one month, to the archive. Resolves with
 * how many were moved: 0 when none is left, or when other processes are at work on the rest.
 */
export async function archiveBatch(
  dataSource: DataSource,
  afterDays: number,
  limit: number,
): Promise<number> {
  const [month] = await dataSource.query<ArchiveMonth[]>(NEXT_MONTH, [afterDays]);
  if (!month) return 0;
  await ensurePartition(dataSource, month);
  const [archived] = await dataSource.query<{ runs: number }[]>(MOVE, [
    afterDays,
    month.from,
    month.to,
    limit,
  ]);
  return archived!.runs;
}

/** Whether the organization's run has been moved to the archive. */
export async function isArchived(dataSource: DataSource, org: string, runId: string): Promise<boolean> {
  const found = await dataSource.query<unknown[]>(
    'SELECT FROM pipelines.archived_runs WHERE org_slug = $1 AND id = $2',
    [org, runId],
  );
  return found.length > 0;
}
