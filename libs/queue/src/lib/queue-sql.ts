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

/** Condition on a job (the alias): it waits, and its time has come. */
const due = (job: string) => `
  ${job}.name = '${QUEUE}' AND ${job}.state < 'active' AND NOT ${job}.blocked AND ${job}.start_after <= now()`;

/**
 * CTEs of which the last, `next`, yields the `id` of at most `limit` waiting jobs, by priority and then by age, with the
 * job and the row of `runs` locked. Of the first `limit` whose organizations have nothing at work anywhere, a job each
 * comes before all others; what is left of the limit goes to whoever waits, so that no slot stays idle. A job or run that
 * somebody else holds is passed over, so that a claim waits for nobody; so is a job whose run has ended (`finished_at`),
 * which pg-boss may bring back from a claim that lapsed while the run was settled.
 */
export function nextJobsSql(runs: string, limit: number): string {
  const jobs = (condition: string) => `
    SELECT job.id, job.group_id, job.priority, job.created_on
    FROM ${SCHEMA}.job JOIN ${runs} AS run ON run.id = job.id
    WHERE ${due('job')} AND run.finished_at IS NULL AND ${condition}
    ORDER BY job.priority DESC, job.created_on
    LIMIT ${limit}
    FOR UPDATE OF job, run SKIP LOCKED`;
  // Neither a join nor the bare column: where few organizations have jobs, PostgreSQL thinks that these leave nothing, and
  // reads all jobs instead of the first.
  const idle = `coalesce(job.group_id, '') <> ALL (ARRAY(
    SELECT active.group_id FROM ${SCHEMA}.job AS active
    WHERE active.name = '${QUEUE}' AND active.state = 'active' AND active.group_id IS NOT NULL))`;
  const further = `(SELECT count(*) FROM first) < ${limit} AND job.id <> ALL (ARRAY(SELECT id FROM first))`;
  return `
    of_idle AS MATERIALIZED (${jobs(idle)}),
    first AS MATERIALIZED (
      SELECT DISTINCT ON (group_id) id FROM of_idle ORDER BY group_id, priority DESC, created_on
    ),
    rest AS MATERIALIZED (${jobs(further)}),
    next AS MATERIALIZED (
      SELECT id FROM (SELECT id, 1 AS turn FROM first UNION ALL SELECT id, 2 FROM rest) AS jobs
      ORDER BY turn LIMIT ${limit}
    )`;
}

/** UPDATE that claims the jobs of the named CTE (`id`); a later claim of the same job has a higher `retry_count`. */
export function claimSql(cte: string): string {
  return `
    UPDATE ${SCHEMA}.job SET
      state = 'active', started_on = now(), heartbeat_on = now(),
      retry_count = retry_count + (started_on IS NOT NULL)::int
    FROM ${cte}
    WHERE name = '${QUEUE}' AND job.id = ${cte}.id
    RETURNING job.id, job.retry_count`;
}

/** UPDATE that lets the claimed jobs of the named CTE's runs (`id`) wait again, for `delay` (an SQL interval). */
export function requeueSql(cte: string, delay: string): string {
  return `
    UPDATE ${SCHEMA}.job SET state = 'retry', start_after = now() + ${delay}, heartbeat_on = NULL,
      keep_until = now() + ${delay} + interval '14 days'
    WHERE name = '${QUEUE}' AND state = 'active' AND id IN (SELECT id FROM ${cte})
    RETURNING id`;
}

/** UPDATE that ends the jobs of the named CTE's runs (`id`), also those whose claim has lapsed. */
export function completeSql(cte: string): string {
  return `
    UPDATE ${SCHEMA}.job SET state = 'completed', completed_on = now()
    WHERE name = '${QUEUE}' AND state < 'completed' AND id IN (SELECT id FROM ${cte})
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

/** Condition: no job, waiting or claimed, will bring the run to a worker any more. */
export function jobMissingSql(runId: string): string {
  return `NOT EXISTS (
    SELECT FROM ${SCHEMA}.job WHERE name = '${QUEUE}' AND id = ${runId} AND state < 'completed')`;
}
