import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { until } from '@pipelines/service-driver';
import type { Cluster } from '../cluster/cluster.ts';
import { postRun } from '../cluster/post.ts';
import type { Scenario } from '../scenario.ts';

interface FairnessSize {
  readonly workers: number;
  /** Runs that one organization has waiting. */
  readonly waiting: number;
  /** Organizations that come with one run each, one after the other. */
  readonly others: number;
}

const BUSY = 'busy';
const SLOTS_PER_WORKER = 2;
const OPEN_REQUESTS = 32;
const START_WITHIN_MS = 30_000;

/** One organization has far more runs waiting than the workers can do; others come with one. */
export const fairness: Scenario<FairnessSize> = {
  name: 'fairness',
  promise: 'the one run of an organization starts within two run times, however many runs of another wait',
  short: { workers: 2, waiting: 60, others: 1 },
  full: { workers: 3, waiting: 1_000, others: 5 },

  async run(cluster, { workers, waiting, others }) {
    const api = await cluster.join('api');
    const keys = new Map<string, string>();
    for (let other = 1; other <= others; other++) {
      keys.set(`other_${other}`, await cluster.givenOrganization(`other_${other}`));
    }
    await enqueue(cluster, waiting);
    const settings = { WORKER_CONCURRENCY: String(SLOTS_PER_WORKER) };
    await Promise.all(Array.from({ length: workers }, () => cluster.join('worker', settings)));
    const slots = workers * SLOTS_PER_WORKER;
    await until('every slot has had a run', START_WITHIN_MS, async () => (await started(cluster)) >= slots);

    let slowestStartMs = 0;
    let mostBefore = 0;
    for (const [org, key] of keys) {
      assert.equal((await postRun(api, org, key)).status, 202);
      const { before, waited_ms } = await start(cluster, org);
      // A slot that does one run after the other has begun two within two run times.
      assert(before <= 2 * slots, `${before} runs of ${BUSY} started before the one of ${org}`);
      mostBefore = Math.max(mostBefore, before);
      slowestStartMs = Math.max(slowestStartMs, waited_ms);
    }
    const left = waiting - (await started(cluster));
    assert(left > 0, 'The other runs have not waited long enough');
    return {
      slots,
      waiting,
      still_waiting: left,
      most_started_before: mostBefore,
      slowest_start_ms: slowestStartMs,
    };
  },
};

async function enqueue(cluster: Cluster, runs: number): Promise<void> {
  const key = await cluster.givenOrganization(BUSY);
  const agent = new Agent({ keepAlive: true, maxSockets: OPEN_REQUESTS });
  const answers = await Promise.all(
    Array.from({ length: runs }, () => postRun(cluster.apis[0]!, BUSY, key, { agent })),
  );
  agent.destroy();
  assert(
    answers.every(({ status }) => status === 202),
    'A run was not admitted',
  );
}

/** Runs of {@link BUSY} that have been started. */
async function started({ database }: Cluster): Promise<number> {
  const [row] = await database.query<{ started: number }>(
    'SELECT count(*)::int AS started FROM pipelines.runs WHERE org_slug = $1 AND attempt > 0',
    [BUSY],
  );
  return row!.started;
}

/** Waits for the organization's run to start; resolves with how many of {@link BUSY} started while it waited. */
async function start({ database }: Cluster, org: string): Promise<{ before: number; waited_ms: number }> {
  const wait = async () => {
    const [row] = await database.query<{ before: number; waited_ms: number }>(
      `SELECT (extract(epoch FROM run.validating_at - run.pending_at) * 1000)::int AS waited_ms,
         (SELECT count(*)::int FROM pipelines.runs AS other WHERE other.org_slug = $2
            AND other.validating_at > run.pending_at AND other.validating_at < run.validating_at) AS before
       FROM pipelines.runs AS run WHERE run.org_slug = $1 AND run.validating_at IS NOT NULL`,
      [org, BUSY],
    );
    return row;
  };
  await until(`the run of ${org} starts`, START_WITHIN_MS, async () => (await wait()) !== undefined);
  return (await wait())!;
}
