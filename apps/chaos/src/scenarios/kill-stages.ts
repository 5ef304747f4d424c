import assert from 'node:assert/strict';
import { whyEmulatorIsSkipped } from '@pipelines/bigquery-loader/testing/emulator';
import { EmulatedBigQuery } from '../cluster/bigquery.ts';
import { COSTS, type Cluster } from '../cluster/cluster.ts';
import { untilAllEnded } from '../cluster/invariants.ts';
import { assertLoadedOnce, GOLDEN, loadGolden } from '../cluster/loaded.ts';
import { HOLD_AT, type HeldRun, type Stage } from '../cluster/stages.ts';
import type { TargetWarehouse } from '../cluster/target-warehouse.ts';
import type { Figures, Scenario } from '../scenario.ts';

interface KillStagesSize {
  /**
   * In the order in which runs are brought there. The lease of a run whose row is locked lapses, and a worker that is
   * still free would wait for it in vain; so after-stage and before-settle follow each other, late.
   */
  readonly stages: readonly Stage[];
}

/** Two pages of the provider. */
const WINDOW = { start_date: '2026-01-05', end_date: '2026-01-15' };
/** Workers that take the runs over. */
const TAKERS = 2;

/** SIGKILL of workers that are each at another stage of a run into DuckDB; another worker takes their runs over. */
export const killStages: Scenario<KillStagesSize> = {
  name: 'kill-stages',
  promise: 'at whichever stage a worker dies, its run is loaded into DuckDB once',
  short: { stages: ['mid-stage', 'before-settle'] },
  // The last one keeps all commits away.
  full: { stages: ['before-stage', 'mid-stage', 'before-settle', 'after-stage', 'mid-commit'] },

  run: (cluster, { stages }) => playStages(cluster, cluster.warehouse, stages),
};

/** The same for BigQuery, where a commit that was sent takes effect without its worker, and even after the take-over. */
export const killStagesBigQuery: Scenario<KillStagesSize> = {
  name: 'kill-stages-bigquery',
  promise: 'at whichever stage a worker dies, its run is loaded into BigQuery once',
  short: { stages: ['mid-commit'] },
  full: {
    stages: ['mid-commit', 'late-commit', 'before-stage', 'mid-stage', 'before-settle', 'after-stage'],
  },
  // More would not be exact: the emulator's BIGNUMERIC has fewer digits than BigQuery's.
  provider: { costFractionDigits: 18 },
  whySkipped: whyEmulatorIsSkipped,

  async run(cluster, { stages }) {
    const bigquery = await EmulatedBigQuery.start();
    try {
      return await playStages(cluster, bigquery, stages);
    } finally {
      await bigquery.stop();
    }
  },
};

async function playStages(
  cluster: Cluster,
  target: TargetWarehouse,
  stages: readonly Stage[],
): Promise<Figures> {
  // Each worker is at work with one run until it dies, so that none of them takes another's over.
  const settings = { ...target.settings, WORKER_CONCURRENCY: '1' };
  await Promise.all([
    cluster.join('api', target.settings),
    ...stages.map(() => cluster.join('worker', settings)),
  ]);
  await loadGolden(cluster, WINDOW.start_date, WINDOW.end_date);

  const held = new Map<Stage, HeldRun>();
  try {
    for (const stage of stages) held.set(stage, await hold(cluster, target, stage));
    await assertProven(cluster, held);
    await killWorkers(cluster);
  } finally {
    for (const [stage, run] of held) if (stage !== 'late-commit') await run.release();
  }
  const killedAt = performance.now();
  const committed = await assertCommitted(target, held);

  await Promise.all(Array.from({ length: TAKERS }, () => cluster.join('worker', target.settings)));
  await untilAllEnded(cluster.database);
  const takeOverMs = Math.round(performance.now() - killedAt);
  await held.get('late-commit')?.release();
  await assertTakenOver(cluster, target, held);
  await assertLoadedOnce(cluster, [...held.keys()].map(organizationOf), target);
  return {
    killed: stages.length,
    committed_before_take_over: committed,
    all_completed_after_ms: takeOverMs,
  };
}

function organizationOf(stage: Stage): string {
  return stage.replace('-', '_');
}

async function hold(cluster: Cluster, target: TargetWarehouse, stage: Stage): Promise<HeldRun> {
  const org = organizationOf(stage);
  const api = cluster.client(await cluster.givenOrganization(org));
  const post = async () =>
    (await api.call<{ run_id: string }>('POST', `pipelines/run/${org}/${COSTS}`, WINDOW)).run_id;
  return HOLD_AT[stage]({ cluster, target, post });
}

async function killWorkers(cluster: Cluster): Promise<void> {
  await Promise.all(cluster.workers.map((worker) => cluster.kill(worker)));
}

/** @throws AssertionError unless the runs that are about to commit, or have, are the ones that are proven. */
async function assertProven({ database }: Cluster, held: ReadonlyMap<Stage, HeldRun>): Promise<void> {
  const runs = await database.query(
    `SELECT id, status, attempt, proof IS NOT NULL AS proven FROM pipelines.runs WHERE id = ANY($1)
     ORDER BY array_position($1, id)`,
    [idsOf(held)],
  );
  assert.deepEqual(
    runs,
    [...held].map(([stage, { runId }]) => ({
      id: runId,
      status: 'running',
      attempt: 1,
      proven: ['mid-commit', 'late-commit', 'before-settle'].includes(stage),
    })),
    'Runs that are not where they are held',
  );
}

/**
 * How many of the runs have committed, while no worker lives.
 * @throws AssertionError unless they are those whose workers had come that far.
 */
async function assertCommitted(target: TargetWarehouse, held: ReadonlyMap<Stage, HeldRun>): Promise<number> {
  const committed = new Set(await target.committedRuns());
  for (const [stage, { runId }] of held) {
    // Whether it takes effect without its worker is up to the warehouse.
    if (stage === 'mid-commit') continue;
    assert.equal(
      committed.has(runId),
      stage === 'before-settle',
      `Whether the run of ${stage} has committed`,
    );
  }
  return idsOf(held).filter((id) => committed.has(id)).length;
}

/** @throws AssertionError unless each run was completed by its second attempt, with all of its rows, and counted once. */
async function assertTakenOver(
  { database }: Cluster,
  target: TargetWarehouse,
  held: ReadonlyMap<Stage, HeldRun>,
): Promise<void> {
  const runs = await database.query(
    `SELECT org_slug AS org, status, attempt, lost_attempts, receipt->'rows' AS rows, daily_count AS daily,
       monthly_count AS monthly, concurrent_count AS concurrent, completed_count AS completed, failed_count AS failed
     FROM pipelines.runs JOIN pipelines.usage_counters USING (org_slug)
     WHERE id = ANY($1) ORDER BY array_position($1, id)`,
    [idsOf(held)],
  );
  const { length } = await target.costsOf(GOLDEN);
  const rows = { extracted: length, staged: length, committed: length, replaced: 0 };
  const ended = { status: 'completed', attempt: 2, lost_attempts: 1, rows };
  const counted = { daily: 1, monthly: 1, concurrent: 0, completed: '1', failed: '0' };
  assert.deepEqual(
    runs,
    [...held.keys()].map((stage) => ({ org: organizationOf(stage), ...ended, ...counted })),
    'How the runs of the dead workers have ended',
  );
}

function idsOf(held: ReadonlyMap<Stage, HeldRun>): string[] {
  return [...held.values()].map(({ runId }) => runId);
}
