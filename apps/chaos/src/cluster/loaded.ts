import assert from 'node:assert/strict';
import { COSTS, type Cluster } from './cluster.ts';
import { untilAllEnded } from './invariants.ts';

const LINEAGE = '_run_id, _pipeline, _loaded_at';

/** An organization whose tables show what nothing has disturbed; give it a credential's data as the others have it. */
const GOLDEN = 'golden';

/** Loads the days, which follow one another, for {@link GOLDEN}; resolves with the run's id. Needs a worker. */
export async function loadGolden(cluster: Cluster, start: string, end: string): Promise<string> {
  const api = cluster.client(await cluster.givenOrganization(GOLDEN));
  const { run_id } = await api.call<{ run_id: string }>('POST', `pipelines/run/${GOLDEN}/${COSTS}`, {
    start_date: start,
    end_date: end,
  });
  await untilAllEnded(cluster.database);
  return run_id;
}

/**
 * Compares the warehouse with the runs once all of them have ended.
 * @throws AssertionError unless exactly the completed runs have committed, every day that one of them loaded holds the
 * rows of one of them alone, and those are the golden rows.
 */
export async function assertLoadedOnce(cluster: Cluster, organizations: Iterable<string>): Promise<void> {
  const { database, warehouse } = cluster;
  const completed = await database.query<{ id: string; org: string; day: string }>(
    `SELECT id, org_slug AS org, window_start::text AS day FROM pipelines.runs WHERE status = 'completed' ORDER BY id`,
  );
  const commits = await warehouse.query('SELECT run_id FROM _pipelines.commits');
  assert.deepEqual(
    await database.query(
      `SELECT id, status, error_code, attempt, retries, lost_attempts, cancel_requested, proof IS NOT NULL AS proven
       FROM pipelines.runs WHERE (status = 'completed') <> (id = ANY($1)) ORDER BY id`,
      [commits.map(({ run_id }) => run_id)],
    ),
    [],
    'Runs that have committed but not completed, or the other way around',
  );

  for (const org of organizations) {
    const own = completed.filter((run) => run.org === org);
    const days = [...new Set(own.map(({ day }) => day))].sort();
    if (days.length === 0) continue;
    const loads = await warehouse.query(
      `SELECT DISTINCT CAST(usage_date AS VARCHAR) AS day, _run_id FROM ${org}_dev.openai_costs ORDER BY day`,
    );
    assert.deepEqual(
      loads.map(({ day }) => day),
      days,
      `${org}: days with rows of one run each`,
    );
    for (const { day, _run_id } of loads) {
      assert(
        own.some((run) => run.id === _run_id && run.day === day),
        `${org} ${day}: rows of ${_run_id}`,
      );
    }
    assert.deepEqual(await difference(cluster, org), [], `${org}: rows that differ from the golden ones`);
  }
}

/** Rows that one of the two has more often than the other, on the days that the organization has loaded. */
function difference({ warehouse }: Cluster, org: string): Promise<object[]> {
  return warehouse.query(`
    WITH own AS (SELECT * EXCLUDE (${LINEAGE}) FROM ${org}_dev.openai_costs),
    golden AS (
      SELECT * EXCLUDE (${LINEAGE}) FROM ${GOLDEN}_dev.openai_costs WHERE usage_date IN (SELECT usage_date FROM own))
    (FROM own EXCEPT ALL FROM golden) UNION ALL (FROM golden EXCEPT ALL FROM own)`);
}
