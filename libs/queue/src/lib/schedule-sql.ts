import { SCHEDULE_QUEUE, SCHEMA } from './queue-names.ts';

/**
 * Parts of statements that change a schedule and its job together, so that a schedule that is switched on always has
 * exactly one job, and one that is switched off has none.
 */

/** A job that waits longer than this for its time is forgotten by pg-boss; the next start of a process puts it back. */
const KEPT = `interval '2 years'`;

/** INSERT of the job of each schedule that the named CTE yields (`id`, `wake_at`); one that exists waits for the new time. */
export function wakeScheduleSql(cte: string): string {
  return `
    INSERT INTO ${SCHEMA}.job (id, name, start_after, policy, retry_limit, expire_seconds, deletion_seconds, keep_until)
    SELECT schedule.id, queue.name, schedule.wake_at, queue.policy, queue.retry_limit, queue.expire_seconds,
      queue.deletion_seconds, schedule.wake_at + ${KEPT}
    FROM ${cte} AS schedule
    CROSS JOIN ${SCHEMA}.queue AS queue
    WHERE queue.name = '${SCHEDULE_QUEUE}'
    ON CONFLICT (name, id) DO UPDATE SET
      state = 'created', start_after = EXCLUDED.start_after, keep_until = EXCLUDED.keep_until,
      started_on = NULL, completed_on = NULL, retry_count = 0
    RETURNING id`;
}

/** UPDATE that ends the jobs of the named CTE's schedules (`id`). */
export function silenceScheduleSql(cte: string): string {
  return `
    UPDATE ${SCHEMA}.job SET state = 'cancelled', completed_on = now()
    WHERE name = '${SCHEDULE_QUEUE}' AND state < 'completed' AND id IN (SELECT id FROM ${cte})
    RETURNING id`;
}

/** Condition: no job will bring the schedule up any more. */
export function scheduleSilentSql(scheduleId: string): string {
  return `NOT EXISTS (
    SELECT FROM ${SCHEMA}.job WHERE name = '${SCHEDULE_QUEUE}' AND id = ${scheduleId} AND state < 'completed')`;
}
