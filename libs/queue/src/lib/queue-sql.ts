import { QUEUE, SCHEMA } from './queue-names.ts';

/**
 * Parts of statements that change a run and its job together, so that neither exists without the other. None of them
 * NOTIFYs, because a NOTIFY makes concurrent commits wait for each other.
 */

/** True when the queue is set up, without which {@link enqueueSql} would insert nothing. */
export const QUEUE_EXISTS = `EXISTS (SELECT FROM ${SCHEMA}.queue WHERE name = '${QUEUE}')`;

/**
 * INSERT of a job for each run that the named CTE yields (`id`, `org_slug`, `priority`); the higher priority is claimed
 * first. A job that had ended waits again.
 */
export function enqueueSql(cte: string): string {
  return `
    INSERT INTO ${SCHEMA}.job
      (id, name, priority, group_id, policy, retry_limit, retry_delay, expire_seconds, deletion_seconds, heartbeat_seconds, keep_until)
    SELECT run.id, queue.name, run.priority, run.org_slug, queue.policy, queue.retry_limit, queue.retry_delay,
      queue.expire_seconds, queue.deletion_seconds, queue.heartbeat_seconds,
      now() + queue.retention_seconds * interval '1 second'
    FROM ${cte} AS run
    CROSS JOIN ${SCHEMA}.queue AS queue
    WHERE queue.name = '${QUEUE}'
    ON CONFLICT (name, id) DO UPDATE SET
      state = 'created', start_after = now(), keep_until = EXCLUDED.keep_until, completed_on = NULL
    RETURNING id`;
}

/** UPDATE that lets the claimed jobs of the named CTE's runs (`id`) wait again, for `delay` (an SQL interval). */
export function requeueSql(cte: string, delay: string): string {
  return `
    UPDATE ${SCHEMA}.job SET state = 'retry', start_after = now() + ${delay}, heartbeat_on = NULL,
      keep_until = now() + ${delay} + interval '14 days'
    WHERE name = '${QUEUE}' AND state = 'active' AND id IN (SELECT id FROM ${cte})
    RETURNING id`;
}

/** UPDATE that ends the claimed jobs of the named CTE's runs (`id`). */
export function completeSql(cte: string): string {
  return `
    UPDATE ${SCHEMA}.job SET state = 'completed', completed_on = now()
    WHERE name = '${QUEUE}' AND state = 'active' AND id IN (SELECT id FROM ${cte})
    RETURNING id`;
}

/** UPDATE that ends the waiting jobs of the named CTE's runs (`id`); a claimed job ends with its worker's claim. */
export function withdrawSql(cte: string): string {
  return `
    UPDATE ${SCHEMA}.job SET state = 'cancelled', completed_on = now()
    WHERE name = '${QUEUE}' AND state < 'active' AND id IN (SELECT id FROM ${cte})
    RETURNING id`;
}

/** UPDATE that ends the delay of the waiting jobs of the named CTE's runs (`id`). */
export function hastenSql(cte: string): string {
  return `
    UPDATE ${SCHEMA}.job SET start_after = now()
    WHERE name = '${QUEUE}' AND state < 'active' AND start_after > now() AND id IN (SELECT id FROM ${cte})
    RETURNING id`;
}

/** Condition: the claim, named by the run's id and its `retryCount`, has not lapsed. */
export function claimHeldSql(runId: string, retryCount: string): string {
  return `EXISTS (
    SELECT FROM ${SCHEMA}.job
    WHERE name = '${QUEUE}' AND id = ${runId} AND state = 'active' AND retry_count = ${retryCount})`;
}

/** Condition: no job, waiting or claimed, will bring the run to a worker any more. */
export function jobMissingSql(runId: string): string {
  return `NOT EXISTS (
    SELECT FROM ${SCHEMA}.job WHERE name = '${QUEUE}' AND id = ${runId} AND state < 'completed')`;
}
