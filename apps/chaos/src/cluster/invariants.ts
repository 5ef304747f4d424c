import assert from 'node:assert/strict';
import { until } from '@pipelines/service-driver';
import type { Database } from './database.ts';

const DRAIN_DEADLINE_MS = 150_000;

/** @throws AssertionError unless every organization's concurrent count is the number of its runs that have not ended. */
export async function assertCounted(database: Database): Promise<void> {
  const wrong = await database.query(
    `SELECT org_slug, concurrent_count, unfinished
     FROM pipelines.usage_counters AS counter
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS unfinished FROM pipelines.runs
       WHERE org_slug = counter.org_slug AND status IN ('pending', 'validating', 'running')) AS runs
     WHERE concurrent_count <> unfinished`,
  );
  assert.deepEqual(wrong, [], 'The concurrent count is not the number of unfinished runs');
}

/** Waits until every run has completed or failed. */
export function untilAllEnded(database: Database): Promise<void> {
  return until('every run has ended', DRAIN_DEADLINE_MS, async () => {
    const [row] = await database.query<{ unfinished: number }>(
      `SELECT count(*)::int AS unfinished FROM pipelines.runs WHERE status NOT IN ('completed', 'failed')`,
    );
    return row!.unfinished === 0;
  });
}

/**
 * @throws AssertionError unless the runs of the database are those that a caller was told of: none that was accepted
 * is lost, and no request was admitted twice.
 */
export async function assertAccepted(database: Database, accepted: Iterable<string>): Promise<void> {
  const runs = await database.query<{ id: string }>('SELECT id FROM pipelines.runs ORDER BY id');
  assert.deepEqual(
    runs.map(({ id }) => id),
    [...accepted].sort(),
    'The runs are not those that were accepted',
  );
}

/** @throws AssertionError unless the organization has so many runs, each counted once and none of them ended. */
export async function assertUsed(database: Database, org: string, runs: number): Promise<void> {
  const [used] = await database.query(
    `SELECT daily_count AS daily, monthly_count AS monthly, concurrent_count AS concurrent,
       (SELECT count(*)::int FROM pipelines.runs WHERE org_slug = $1) AS runs
     FROM pipelines.usage_counters WHERE org_slug = $1`,
    [org],
  );
  assert.deepEqual(used, { daily: runs, monthly: runs, concurrent: runs, runs }, `What ${org} has used`);
}
