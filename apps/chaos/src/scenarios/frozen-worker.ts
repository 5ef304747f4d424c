import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceProcess, until } from '@pipelines/service-driver';
import { COSTS, type Cluster } from '../cluster/cluster.ts';
import { countCostsRequested, injectFault, untilCostsRequested } from '../cluster/faults.ts';
import { untilAllEnded } from '../cluster/invariants.ts';
import { assertLoadedOnce, loadGolden } from '../cluster/loaded.ts';
import type { Scenario } from '../scenario.ts';

interface FrozenSize {
  readonly rounds: number;
}

const STAGE_WITHIN_MS = 30_000;
/** Twice as long as a worker pauses at most before it tries to open the warehouse again. */
const ALONE_MS = 2_000;
const DATES = ['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08'] as const;

/**
 * SIGSTOP of three workers past their leases: one that extracts, one right before its commit, and one right before the
 * commit of a run that is cancelled meanwhile. Another worker ends their runs; then they go on.
 */
export const frozenWorker: Scenario<FrozenSize> = {
  name: 'frozen-worker',
  promise: 'a worker that stood still past its lease changes nothing when it goes on',
  short: { rounds: 1 },
  full: { rounds: 2 },

  async run(cluster, { rounds }) {
    await Promise.all([cluster.join('api'), cluster.join('worker')]);
    await loadGolden(cluster, DATES[0], '2026-01-09');
    for (let round = 1; round <= rounds; round++) await playRound(cluster, `org_${round}`);
    const organizations = Array.from({ length: rounds }, (_, index) => `org_${index + 1}`);
    await untilAllEnded(cluster.database);
    await assertLoadedOnce(cluster, organizations);
    return { rounds, frozen: 3 * rounds };
  },
};

async function playRound(cluster: Cluster, org: string): Promise<void> {
  const api = cluster.client(await cluster.givenOrganization(org));
  const post = async (date: string) =>
    (await api.call<{ run_id: string }>('POST', `pipelines/run/${org}/${COSTS}`, { date })).run_id;
  await Promise.all(cluster.workers.map((worker) => cluster.kill(worker)));

  // One after the other, each with a worker that finds this run alone; the lease outlasts all three.
  const requested = await countCostsRequested(cluster.sandbox);
  await injectFault(cluster.sandbox, { kind: 'hang' });
  const extracting = await joinFor(cluster, post(DATES[0]));
  await untilCostsRequested(cluster.sandbox, requested + 1);
  cluster.freeze(extracting.worker);
  const unlock = await cluster.warehouse.lock();
  const committing = await freezeBeforeCommit(cluster, post(DATES[1]));
  const cancelled = await freezeBeforeCommit(cluster, post(DATES[2]));
  await api.call('POST', `pipelines/cancel/${org}/${cancelled.runId}`);
  unlock();

  await cluster.join('worker');
  await untilAllEnded(cluster.database);
  const before = await everything(cluster, org);
  assert.deepEqual(
    await outcomes(cluster, [extracting.runId, committing.runId, cancelled.runId]),
    ['completed after a loss', 'completed after a loss', 'failed after a loss'],
    'How the runs of the frozen workers ended',
  );

  // The warehouse is in reach of this one before the database is, which would tell it that it is too late.
  await cluster.database.withRunsLocked(async () => {
    cluster.thaw(cancelled.worker);
    await delay(ALONE_MS);
  });
  for (const held of [cancelled, extracting, committing]) {
    cluster.thaw(held.worker);
    await until('the worker notices that its attempt is stale', STAGE_WITHIN_MS, () => hasEnded(held));
  }
  // Whatever the stale attempts still do is over once the same workers have done something else.
  const after = await Promise.all([extracting, committing, cancelled].map(() => post(DATES[3])));
  await untilAllEnded(cluster.database);
  assert.deepEqual(await everything(cluster, org, after), before, 'A stale worker has changed something');
}

interface Held {
  readonly worker: ServiceProcess;
  readonly runId: string;
}

async function joinFor(cluster: Cluster, run: Promise<string>): Promise<Held> {
  const [worker, runId] = await Promise.all([cluster.join('worker', { LOG_LEVEL: 'info' }), run]);
  return { worker, runId };
}

/** Freezes a worker that has proven the run, and waits for the warehouse to commit it. */
async function freezeBeforeCommit(cluster: Cluster, run: Promise<string>): Promise<Held> {
  const held = await joinFor(cluster, run);
  await until('the worker is about to commit', STAGE_WITHIN_MS, async () => {
    const [row] = await cluster.database.query<{ proven: boolean }>(
      'SELECT proof IS NOT NULL AS proven FROM pipelines.runs WHERE id = $1',
      [held.runId],
    );
    return row!.proven;
  });
  cluster.freeze(held.worker);
  return held;
}

/** Whether the worker has told how its attempt at the run ended. */
function hasEnded({ worker, runId }: Held): boolean {
  return new RegExp(
    `Run ${runId}(: attempt \\d+ (was taken over|committed, but another)| failed| is tried again)`,
  ).test(worker.output);
}

async function outcomes({ database }: Cluster, ids: string[]): Promise<string[]> {
  const rows = await database.query<{ outcome: string }>(
    `SELECT status || CASE WHEN lost_attempts > 0 THEN ' after a loss' ELSE '' END AS outcome FROM pipelines.runs
     WHERE id = ANY($1) ORDER BY array_position($1, id)`,
    [ids],
  );
  return rows.map(({ outcome }) => outcome);
}

/** Runs, counters, commits and table of the organization, but for the given runs. */
async function everything(cluster: Cluster, org: string, except: string[] = []): Promise<object> {
  const { database, warehouse } = cluster;
  const others = except.map((id) => `'${id}'`).join() || 'NULL';
  return {
    runs: await database.query(
      'SELECT * FROM pipelines.runs WHERE org_slug = $1 AND NOT id = ANY($2) ORDER BY id',
      [org, except],
    ),
    counters: await database.query(
      `SELECT daily_count - $2 AS daily, monthly_count - $2 AS monthly, concurrent_count, completed_count - $2 AS completed,
         failed_count FROM pipelines.usage_counters WHERE org_slug = $1`,
      [org, except.length],
    ),
    commits: await warehouse.query(
      `SELECT * FROM _pipelines.commits WHERE (run_id IN (${others})) IS NOT TRUE ORDER BY run_id`,
    ),
    table: await warehouse.query(
      `SELECT count(*) AS rows, bit_xor(hash(COLUMNS(*)::VARCHAR)) FROM ${org}_dev.openai_costs
       WHERE usage_date < DATE '${DATES[3]}'`,
    ),
  };
}
