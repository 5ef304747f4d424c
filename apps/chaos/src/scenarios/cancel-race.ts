import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { COSTS, type Cluster } from '../cluster/cluster.ts';
import { untilAllEnded } from '../cluster/invariants.ts';
import { assertLoadedOnce, loadGolden } from '../cluster/loaded.ts';
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';

interface RaceSize {
  readonly callers: number;
  readonly races: number;
}

const DATE = '2026-01-05';
const POLL_MS = 150;
const END_WITHIN_MS = 120_000;
/** How long runs seem to take until the first have ended. */
const FIRST_GUESS_MS = 200;

/** Cancellations of runs at any time of their lives, most of them about when they complete. */
export const cancelRace: Scenario<RaceSize> = {
  name: 'cancel-race',
  promise: 'a run that is cancelled while it completes ends in one state, and frees its slot once',
  short: { callers: 4, races: 30 },
  full: { callers: 8, races: 1_000 },

  async run(cluster, { callers, races }, random) {
    await Promise.all([cluster.join('api'), cluster.join('worker')]);
    await loadGolden(cluster, DATE, '2026-01-06');
    // An organization for each caller, so that the warehouse shows each run that should not have committed.
    const organizations = Array.from({ length: callers }, (_, index) => `org_${index + 1}`);
    const told = new Map<string, RunStatus['status']>();
    const typical = { milliseconds: FIRST_GUESS_MS };
    let left = races;
    await Promise.all(
      organizations.map(async (org) => {
        const api = cluster.client(await cluster.givenOrganization(org, { concurrent: 1 }));
        const choices = random.fork();
        while (left-- > 0) {
          const { run_id, status } = await race(api, org, typical, choices);
          told.set(run_id, status);
        }
      }),
    );
    await untilAllEnded(cluster.database);

    const statuses = await assertTold(cluster, told);
    await assertCountedOnce(cluster, organizations, races);
    await assertLoadedOnce(cluster, organizations);
    const count = (wanted: string) => statuses.filter((status) => status === wanted).length;
    assert(count('completed') > 0 && count('failed') > 0, 'One side has won every race');
    return { races, completed: count('completed'), cancelled: count('failed') };
  },
};

/** Starts a run and cancels it after a part of the time that runs take. The concurrent limit of 1 has to be free again. */
async function race(
  api: ApiClient,
  org: string,
  typical: { milliseconds: number },
  random: Random,
): Promise<RunStatus> {
  const startedAt = performance.now();
  const { run_id } = await api.call<{ run_id: string }>('POST', `pipelines/run/${org}/${COSTS}`, {
    date: DATE,
  });
  await delay(random.below(Math.ceil(1.5 * typical.milliseconds)));
  const cancelled = await api.send('POST', `pipelines/cancel/${org}/${run_id}`);
  assert([202, 409].includes(cancelled.status), `The cancellation was answered ${cancelled.status}`);
  for (;;) {
    const run = await api.call<RunStatus>('GET', `pipelines/status/${org}/${run_id}`);
    if (run.status === 'completed') {
      typical.milliseconds +=
        (Date.parse(run.timestamps.completed!) - Date.parse(run.timestamps.pending!) - typical.milliseconds) /
        10;
    }
    if (run.status === 'completed' || run.status === 'failed') return run;
    assert(cancelled.status === 202, 'A run that "has ended" goes on');
    assert(performance.now() - startedAt < END_WITHIN_MS, `A run does not end: ${JSON.stringify(run)}`);
    await delay(POLL_MS);
  }
}

/** @throws AssertionError unless every run is still in the state that its caller was told it had ended in. */
async function assertTold({ database }: Cluster, told: ReadonlyMap<string, string>): Promise<string[]> {
  const runs = await database.query<{ id: string; status: string }>(
    `SELECT id, status FROM pipelines.runs WHERE org_slug <> 'golden'
       AND (status = 'completed' AND error_code IS NULL OR status = 'failed' AND error_code = 'cancelled')`,
  );
  assert.deepEqual(new Map(runs.map(({ id, status }) => [id, status])), told, 'How the runs have ended');
  return runs.map(({ status }) => status);
}

async function assertCountedOnce(
  { database }: Cluster,
  organizations: string[],
  runs: number,
): Promise<void> {
  const [sum] = await database.query(
    `SELECT sum(concurrent_count)::int AS concurrent, sum(completed_count + failed_count)::int AS ended,
       sum(daily_count)::int AS daily FROM pipelines.usage_counters WHERE org_slug = ANY($1)`,
    [organizations],
  );
  assert.deepEqual(sum, { concurrent: 0, ended: runs, daily: runs }, 'What was counted');
}
