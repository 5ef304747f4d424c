import assert from 'node:assert/strict';
import { until } from '@pipelines/service-driver';
import type { Cluster } from '../cluster/cluster.ts';
import { injectFault } from '../cluster/faults.ts';
import { untilAllEnded } from '../cluster/invariants.ts';
import { postRun } from '../cluster/post.ts';
import type { Scenario } from '../scenario.ts';

interface PlansGoneSize {
  readonly outages: number;
  readonly requests: number;
}

const ORG = 'acme';
const RUNS = 4;
const ANSWER_WITHIN_MS = 2_000;
const RECOVER_WITHIN_MS = 10_000;

/** SIGKILL of the PostgreSQL that holds the plans, while runs are under way; the other one stays. */
export const plansGone: Scenario<PlansGoneSize> = {
  name: 'plans-gone',
  promise: "while Supabase's database is gone, admissions are told to wait, and runs under way finish",
  short: { outages: 1, requests: 20 },
  full: { outages: 2, requests: 200 },

  async run(cluster, { outages, requests }) {
    const plans = await cluster.separatePlans();
    await Promise.all([cluster.join('api'), cluster.join('worker')]);
    const [api] = cluster.apis;
    const key = await cluster.givenOrganization(ORG);
    const figures = { slowest_503_ms: 0, slowest_recovery_ms: 0 };
    let admitted = 0;
    for (let outage = 0; outage < outages; outage++) {
      await injectFault(cluster.sandbox, { kind: 'status', status: 429, retry_after: 2, times: RUNS });
      for (let run = 0; run < RUNS; run++) assert.equal((await postRun(api!, ORG, key)).status, 202);
      admitted += RUNS;
      await plans.kill();
      for (let request = 0; request < requests; request++) {
        const startedAt = performance.now();
        const { status, headers, body } = await postRun(api!, ORG, key);
        figures.slowest_503_ms = Math.max(figures.slowest_503_ms, Math.round(performance.now() - startedAt));
        assert.deepEqual([status, body.code], [503, 'plan_unavailable']);
        assert(Number(headers['retry-after']) > 0, 'A 503 came without Retry-After');
      }
      await untilAllEnded(cluster.database);
      assert.deepEqual(await outcomes(cluster), [{ status: 'completed', runs: admitted }]);

      await plans.restart();
      const startedAt = performance.now();
      await until('runs are admitted again', RECOVER_WITHIN_MS, async () => {
        return (await postRun(api!, ORG, key)).status === 202;
      });
      admitted++;
      figures.slowest_recovery_ms = Math.max(
        figures.slowest_recovery_ms,
        Math.round(performance.now() - startedAt),
      );
    }
    await untilAllEnded(cluster.database);
    assert(figures.slowest_503_ms <= ANSWER_WITHIN_MS, `A 503 took ${figures.slowest_503_ms} ms`);
    return { outages, requests: outages * requests, ...figures };
  },
};

function outcomes({ database }: Cluster): Promise<object[]> {
  return database.query('SELECT status, count(*)::int AS runs FROM pipelines.runs GROUP BY status');
}
