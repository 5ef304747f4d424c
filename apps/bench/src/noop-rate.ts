import { setTimeout as delay } from 'node:timers/promises';
import { bareQueueRate } from './bare-queue.ts';
import type { Installation } from './installation.ts';
import { median, type Measurement } from './measurement.ts';
import { postRuns } from './post-runs.ts';

const TOTAL = 3_000;
/** The pace of a machine changes between them; the figures are medians. */
const ROUNDS = 5;
/** Until the statements are planned and the hot paths compiled. */
const WARM_UP = 2_000;
const REAL_RUNS = 100;
/** What the service's own default is. */
const SLOTS = 4;
/** Organizations that hold a credential. */
const ORGANIZATIONS = 50;
const LOOK_EVERY_MS = 100;

/**
 * Runs from POST to `completed` that have nothing to do, beside pg-boss alone. The API is the service itself; the worker
 * is its way of a run with a provider that answers at once with nothing and a warehouse that keeps nothing, because a
 * commit into DuckDB would outlast all else. For comparison, the whole service with the sandbox and DuckDB. The bare
 * queue is measured before and after each round, so that a machine that changes its pace meanwhile tells less.
 */
export async function measureNoopRuns(installation: Installation): Promise<Measurement[]> {
  const api = await installation.service('api');
  await installation.storeCredentials(installation.client(api), ORGANIZATIONS);
  const complete = (total: number) =>
    completedPerSecond(installation, total, () => postRuns(api, installation.rootKey, total, ORGANIZATIONS));

  const url = installation.environment.DATABASE_URL!;
  const worker = await installation.noopWorker(SLOTS);
  await complete(WARM_UP);
  await bareQueueRate(url, TOTAL, SLOTS);
  // As autovacuum does within a minute, for both queues: statements that were planned for empty tables are planned anew.
  await installation.pool.query('ANALYZE');
  const bare = [await bareQueueRate(url, TOTAL, SLOTS)];
  const noop: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    noop.push(await complete(TOTAL));
    bare.push(await bareQueueRate(url, TOTAL, SLOTS));
    ratios.push((2 * noop[round]!) / (bare[round]! + bare[round + 1]!));
  }
  await worker.stop();
  await installation.forgetRuns();

  const real = await installation.service('worker', { WORKER_CONCURRENCY: String(SLOTS) });
  const loaded = await complete(REAL_RUNS);
  await Promise.all([real.stop(), api.stop()]);
  return [
    { name: 'bare queue: fetch and complete', perSecond: median(bare) },
    {
      name: 'no-op runs: POST to completed',
      perSecond: median(noop),
      ratio: median(ratios),
      bounds: { minRatio: 0.3 },
    },
    { name: 'runs that load a day into DuckDB', perSecond: loaded, ratio: loaded / median(bare) },
  ];
}

/** From the first POST to the end of the last run. */
async function completedPerSecond(
  { pool }: Installation,
  total: number,
  post: () => Promise<unknown>,
): Promise<number> {
  const startedAt = new Date();
  await post();
  for (;;) {
    const { rows } = await pool.query<{ completed: number; failure: string | null; ended_at: Date }>(
      `SELECT count(*) FILTER (WHERE status = 'completed')::int AS completed,
         max(error_message) AS failure, max(finished_at) AS ended_at
       FROM pipelines.runs WHERE pending_at >= $1`,
      [startedAt],
    );
    const { completed, failure, ended_at } = rows[0]!;
    if (failure !== null) throw new Error(`A run failed: ${failure}`);
    if (completed === total) return total / ((ended_at.getTime() - startedAt.getTime()) / 1000);
    await delay(LOOK_EVERY_MS);
  }
}
