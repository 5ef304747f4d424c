import { enqueueSql, jobMissingSql, withdrawSql } from '@pipelines/queue';
import type { DataSource } from 'typeorm';

/** A lease that ended this long ago is not about to be renewed. */
const LEASE_LONG_GONE = `lease_expires_at < now() - interval '1 minute'`;

/**
 * Locks the organization's stale runs: those that no worker has and that no job will bring to one. A run whose worker
 * died still has its job, and waits for a take-over however long the workers are away; one that may have committed gets
 * a new job, because only a worker can learn whether it has. Parameter $1 is the organization.
 */
export const STALE_RUNS_SQL = `
    SELECT id, counted_on FROM pipelines.runs
    WHERE org_slug = $1 AND finished_at IS NULL AND status <> 'pending' AND proof IS NULL AND ${LEASE_LONG_GONE}
      AND ${jobMissingSql('runs.id')}
    FOR UPDATE SKIP LOCKED`;

/** Fails the runs that the named CTE holds; ends in a WHERE clause that the caller may extend. */
export function failStaleSql(staleCte: string): string {
  return `
    UPDATE pipelines.runs SET
      status = 'failed', finished_at = now(), lease_expires_at = NULL, refunded = true, error_code = 'worker_lost',
      error_message = 'The worker was lost, and the queue holds no job to take the run over. Start it again.'
    WHERE id IN (SELECT id FROM ${staleCte})`;
}

const UNHEALTHY_ORGANIZATIONS = `
  SELECT DISTINCT org_slug FROM pipelines.runs
  WHERE finished_at IS NULL AND (status = 'pending' OR ${LEASE_LONG_GONE})
    AND ${jobMissingSql('runs.id')}`;

const FAIL_STALE = `
  WITH stale AS MATERIALIZED (${STALE_RUNS_SQL}),
  healed AS (${failStaleSql('stale')} RETURNING id, counted_on),
  released AS (
    UPDATE pipelines.usage_counters AS counter SET
      concurrent_count = counter.concurrent_count - (SELECT count(*) FROM healed),
      failed_count = counter.failed_count + (SELECT count(*) FROM healed),
      daily_count = counter.daily_count
        - (SELECT count(*) FROM healed WHERE healed.counted_on = counter.day),
      monthly_count = counter.monthly_count
        - (SELECT count(*) FROM healed WHERE date_trunc('month', healed.counted_on) = date_trunc('month', counter.day))
    WHERE counter.org_slug = $1 AND EXISTS (SELECT FROM healed)
  )
  SELECT id FROM healed`;

const REQUEUE_WAITING = `
  WITH jobless AS MATERIALIZED (
    SELECT id, org_slug, 0 AS priority FROM pipelines.runs
    WHERE org_slug = $1 AND finished_at IS NULL AND ${jobMissingSql('runs.id')}
      AND (status = 'pending' OR (proof IS NOT NULL AND ${LEASE_LONG_GONE}))
    FOR UPDATE SKIP LOCKED
  ),
  queued AS (${enqueueSql('jobless')})
  SELECT id FROM queued`;

const WITHDRAW_OUTLIVING = `
  WITH ended AS (SELECT id FROM pipelines.runs WHERE finished_at > now() - interval '1 day')
  ${withdrawSql('ended')}`;

/** What a round of healing did. */
export interface HealedRuns {
  readonly failed: readonly string[];
  readonly requeued: readonly string[];
  /** Runs that had ended, whose jobs still waited. */
  readonly withdrawn: readonly string[];
  /** What was in the way of healing the rest. */
  readonly errors: readonly unknown[];
}

/**
 * Makes every organization consistent again: stale runs fail and leave the concurrent count, waiting runs without a
 * job get one, and jobs that outlived their runs are withdrawn. One organization at a time, so that no two statements wait for each other's counters,
 * and what is in the way of one keeps no other from it.
 */
export async function healRuns(dataSource: DataSource): Promise<HealedRuns> {
  const failed: string[] = [];
  const requeued: string[] = [];
  const errors: unknown[] = [];
  const organizations = await dataSource.query<{ org_slug: string }[]>(UNHEALTHY_ORGANIZATIONS);
  for (const { org_slug } of organizations) {
    const ids = async (statement: string) =>
      (await dataSource.query<{ id: string }[]>(statement, [org_slug])).map(({ id }) => id);
    try {
      failed.push(...(await ids(FAIL_STALE)));
      requeued.push(...(await ids(REQUEUE_WAITING)));
    } catch (error) {
      errors.push(error);
    }
  }
  const withdrawn: string[] = [];
  try {
    const [ended] = await dataSource.query<[{ id: string }[], number]>(WITHDRAW_OUTLIVING);
    withdrawn.push(...ended.map(({ id }) => id));
  } catch (error) {
    errors.push(error);
  }
  return { failed, requeued, withdrawn, errors };
}
