import type { DataSource } from 'typeorm';

/**
 * How long after its lease ended a run is given up. By then the queue has offered it to other workers several times
 * (a claim lapses in seconds, see the queue), so that nobody is left who could finish it.
 */
const GIVE_UP_AFTER = `interval '10 minutes'`;

/** Locks the organization's stale runs; parameter $1 is the organization. */
export const STALE_RUNS_SQL = `
    SELECT id FROM pipelines.runs
    WHERE org_slug = $1 AND status IN ('validating', 'running') AND lease_expires_at < now() - ${GIVE_UP_AFTER}
    FOR UPDATE SKIP LOCKED`;

/** Fails the runs that the named CTE holds; ends in a WHERE clause that the caller may extend. */
export function failStaleSql(staleCte: string): string {
  return `
    UPDATE pipelines.runs SET
      status = 'failed', finished_at = now(), lease_expires_at = NULL, error_code = 'worker_lost',
      error_message = 'The worker was lost and no other could take the run over. Start it again.'
    WHERE id IN (SELECT id FROM ${staleCte})`;
}

const HEAL = `
  WITH stale AS MATERIALIZED (${STALE_RUNS_SQL}),
  healed AS (${failStaleSql('stale')} RETURNING id),
  released AS (
    UPDATE pipelines.usage_counters SET
      concurrent_count = concurrent_count - (SELECT count(*) FROM healed),
      failed_count = failed_count + (SELECT count(*) FROM healed)
    WHERE org_slug = $1 AND EXISTS (SELECT FROM healed)
  )
  SELECT id FROM healed`;

/**
 * Fails the stale runs of every organization and takes them off the concurrent counts, one organization at a time so
 * that no two statements wait for each other's counters. Resolves with the ids of the failed runs.
 */
export async function healStaleRuns(dataSource: DataSource): Promise<string[]> {
  const organizations = await dataSource.query<{ org_slug: string }[]>(`
    SELECT DISTINCT org_slug FROM pipelines.runs
    WHERE status IN ('validating', 'running') AND lease_expires_at < now() - ${GIVE_UP_AFTER}`);
  const healed: string[] = [];
  for (const { org_slug } of organizations) {
    const rows = await dataSource.query<{ id: string }[]>(HEAL, [org_slug]);
    healed.push(...rows.map(({ id }) => id));
  }
  return healed;
}
