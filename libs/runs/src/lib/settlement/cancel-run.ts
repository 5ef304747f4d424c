import { hastenSql, withdrawSql } from '@pipelines/queue';
import type { DataSource } from 'typeorm';
import { isArchived } from '../archive/archive-runs.ts';
import type { RunStatus } from '../run-status.ts';

/** What a cancellation found: the run was still waiting and has failed, is told to stop, or had ended before. */
export type Cancellation = 'cancelled' | 'requested' | 'ended' | 'unknown';

/**
 * A waiting run fails at once, with its slot freed and its job withdrawn in the same statement. A run under way is told
 * to stop: its worker reads the request with the next renewal of its lease, and a take-over reads it with its claim.
 * A waiting run with a proof may have committed; only a worker can find out, so its job is brought forward instead.
 * The row lock makes a cancellation and a claim, or a settlement, follow one another.
 */
const CANCEL = `
  WITH run AS MATERIALIZED (
    SELECT id, org_slug, status, status = 'pending' AND proof IS NULL AS untouched
    FROM pipelines.runs WHERE org_slug = $1 AND id = $2 FOR UPDATE
  ),
  changed AS (
    UPDATE pipelines.runs SET
      cancel_requested = true,
      status = CASE WHEN untouched THEN 'failed' ELSE run.status END,
      finished_at = CASE WHEN untouched THEN now() END,
      reason = CASE WHEN untouched THEN NULL ELSE runs.reason END,
      next_attempt_at = NULL,
      error_code = CASE WHEN untouched THEN 'cancelled' END,
      error_message = CASE WHEN untouched THEN 'The run was cancelled before it started.' END
    FROM run
    WHERE runs.id = run.id AND run.status = ANY($3)
    RETURNING runs.id, runs.org_slug, runs.status
  ),
  cancelled AS (SELECT id, org_slug FROM changed WHERE status = 'failed'),
  released AS (
    UPDATE pipelines.usage_counters AS counter SET
      concurrent_count = counter.concurrent_count - 1, failed_count = counter.failed_count + 1
    FROM cancelled WHERE counter.org_slug = cancelled.org_slug
  ),
  withdrawn AS (${withdrawSql('cancelled')}),
  told AS (SELECT id FROM changed WHERE status <> 'failed'),
  hastened AS (${hastenSql('told')})
  SELECT CASE
    WHEN EXISTS (SELECT FROM cancelled) THEN 'cancelled'
    WHEN EXISTS (SELECT FROM changed) THEN 'requested'
    WHEN EXISTS (SELECT FROM run) THEN 'ended'
    ELSE 'unknown'
  END AS outcome`;

/** Cancels the organization's run if it is in one of the states. */
export async function cancelRun(
  dataSource: DataSource,
  org: string,
  runId: string,
  states: readonly RunStatus[] = ['pending', 'validating', 'running'],
): Promise<Cancellation> {
  const [row] = await dataSource.query<{ outcome: Cancellation }[]>(CANCEL, [org, runId, states]);
  if (row!.outcome !== 'unknown') return row!.outcome;
  return (await isArchived(dataSource, org, runId)) ? 'ended' : 'unknown';
}
