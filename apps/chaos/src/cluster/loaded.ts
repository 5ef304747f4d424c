import assert from 'node:assert/strict';
import { COSTS, type Cluster } from './cluster.ts';
import { untilAllEnded } from './invariants.ts';
import type { LoadedRow, LoadedWarehouse } from './target-warehouse.ts';

/** An organization whose tables show what nothing has disturbed; give it a credential's data as the others have it. */
export const GOLDEN = 'golden';

/** Loads the days, which follow one another, for {@link GOLDEN}; resolves with the run's id. Needs a worker. */
export async function loadGolden(cluster: Cluster, start: string, end: string): Promise<string> {
  const api = cluster.client(await cluster.givenOrganization(GOLDEN));
  const { run_id } = await api.call<{ run_id: string }>('POST', `pipelines/run/${GOLDEN}/${COSTS}`, {
    start_date: start,
    end_date: end,
  });
  await untilAllEnded(cluster.database);
  const [ended] = await cluster.database.query(
    'SELECT status, error_message AS message FROM pipelines.runs WHERE id = $1',
    [run_id],
  );
  assert.deepEqual(ended, { status: 'completed', message: null }, 'How the golden run has ended');
  return run_id;
}

/**
 * Compares a warehouse with the runs once all of them have ended.
 * @throws AssertionError unless exactly the completed runs have committed, once each, every day that one of them loaded
 * holds the rows of one of them alone, and those are the golden rows.
 */
export async function assertLoadedOnce(
  { database, warehouse: own }: Cluster,
  organizations: Iterable<string>,
  warehouse: LoadedWarehouse = own,
): Promise<void> {
  const loads = await database.query<{ id: string; org: string; day: string }>(
    `SELECT id, org_slug AS org, day::date::text AS day
     FROM pipelines.runs CROSS JOIN generate_series(window_start, window_end - 1, interval '1 day') AS day
     WHERE status = 'completed'`,
  );
  const commits = await warehouse.committedRuns();
  assert.deepEqual(commits.toSorted(), [...new Set(commits)].sort(), 'Runs that have committed twice');
  assert.deepEqual(
    await database.query(
      `SELECT id, status, error_code, attempt, retries, lost_attempts, cancel_requested, proof IS NOT NULL AS proven
       FROM pipelines.runs WHERE (status = 'completed') <> (id = ANY($1)) ORDER BY id`,
      [commits],
    ),
    [],
    'Runs that have committed but not completed, or the other way around',
  );

  const golden = await warehouse.costsOf(GOLDEN);
  for (const org of organizations) {
    const loaded = loads.filter((load) => load.org === org);
    const days = new Set(loaded.map(({ day }) => day));
    if (days.size === 0) continue;
    const rows = await warehouse.costsOf(org);
    for (const day of days) {
      const [run, ...others] = new Set(rows.filter((row) => row.day === day).map(({ runId }) => runId));
      assert.deepEqual(others, [], `${org} ${day}: other runs with rows beside ${run}`);
      assert(
        loaded.some((load) => load.id === run && load.day === day),
        `${org} ${day}: rows of ${run}`,
      );
    }
    assert.deepEqual(
      contents(rows),
      contents(golden.filter(({ day }) => days.has(day))),
      `${org}: rows that differ from the golden ones`,
    );
  }
}

function contents(rows: readonly LoadedRow[]): string[] {
  return rows.map(({ content }) => content).sort();
}
