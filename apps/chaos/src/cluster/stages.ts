import { until } from '@pipelines/service-driver';
import type { Cluster } from './cluster.ts';
import { countCostsRequested, injectFault, untilCostsRequested } from './faults.ts';
import type { TargetWarehouse } from './target-warehouse.ts';

/** Where on its way a run can be held. */
export type Stage =
  'before-stage' | 'mid-stage' | 'after-stage' | 'mid-commit' | 'late-commit' | 'before-settle';

/** A run that gets no further, with a worker that is free to be killed. */
export interface HeldRun {
  readonly runId: string;
  /** Lets go of it. */
  release(): Promise<void>;
}

/** What is needed to hold a run. */
export interface Stageable {
  readonly cluster: Cluster;
  readonly target: TargetWarehouse;
  /** Admits the run, of more than one page, when a worker is free for it; resolves with its id. */
  post(): Promise<string>;
}

const STAGE_WITHIN_MS = 45_000;
/** Time to lock a run between its start and its first row. */
const FIRST_ROW_AFTER_S = 2;

/** How a run is held at each stage, one run after the other; before-settle while no other run is held by a lock. */
export const HOLD_AT: Readonly<Record<Stage, (run: Stageable) => Promise<HeldRun>>> = {
  /** Its first page does not come. */
  'before-stage': (run) => holdAfterPages(0, run),
  /** Its second page does not come. */
  'mid-stage': (run) => holdAfterPages(1, run),
  'after-stage': holdProof,
  'mid-commit': holdCommit,
  /** As mid-commit, for a caller that lets go of it when it is too late. */
  'late-commit': holdCommit,
  'before-settle': holdSettlement,
};

async function holdAfterPages(pages: number, { cluster: { sandbox }, post }: Stageable): Promise<HeldRun> {
  const requested = await countCostsRequested(sandbox);
  await injectFault(sandbox, { kind: 'hang', after_requests: pages });
  const runId = await post();
  await untilCostsRequested(sandbox, requested + pages + 1);
  return { runId, release: async () => undefined };
}

/** Rows are staged and checked, and what was proven waits to be written. */
async function holdProof({ cluster: { database, sandbox }, post }: Stageable): Promise<HeldRun> {
  await injectFault(sandbox, { kind: 'status', status: 429, retry_after: FIRST_ROW_AFTER_S });
  const runId = await post();
  await until('the run has started', STAGE_WITHIN_MS, async () => {
    const started = await database.query(`SELECT FROM pipelines.runs WHERE id = $1 AND status = 'running'`, [
      runId,
    ]);
    return started.length > 0;
  });
  const release = await database.lockRun(runId);
  await until('the proof waits', STAGE_WITHIN_MS, () => database.isWaiting('%SET proof = %'));
  return { runId, release };
}

async function holdCommit({ cluster: { database }, target, post }: Stageable): Promise<HeldRun> {
  const commit = await target.holdNextCommit();
  const runId = await post();
  await until('the run is proven', STAGE_WITHIN_MS, async () => {
    const proven = await database.query('SELECT FROM pipelines.runs WHERE id = $1 AND proof IS NOT NULL', [
      runId,
    ]);
    return proven.length > 0;
  });
  await commit.begun;
  return { runId, release: () => commit.release() };
}

/** The commit has taken effect, and the settlement, or the renewal of the lease before it, waits to be written. */
async function holdSettlement(run: Stageable): Promise<HeldRun> {
  const { cluster, target } = run;
  const { runId, release: releaseCommit } = await holdCommit(run);
  const release = await cluster.database.lockRun(runId);
  await releaseCommit();
  await until('the run has committed', STAGE_WITHIN_MS, async () =>
    (await target.committedRuns()).includes(runId),
  );
  await until('the settlement waits', STAGE_WITHIN_MS, () =>
    cluster.database.isWaiting('%UPDATE pipelines.runs SET%'),
  );
  return { runId, release };
}
