import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@pipelines/service-driver';
import type { Cluster } from '../cluster/cluster.ts';
import { assertAccepted, untilAllEnded } from '../cluster/invariants.ts';
import { assertLoadedOnce, loadGolden } from '../cluster/loaded.ts';
import { postRun } from '../cluster/post.ts';
import { Traffic } from '../cluster/traffic.ts';
import type { Scenario } from '../scenario.ts';

interface OutageSize {
  readonly apis: number;
  readonly workers: number;
  readonly callers: number;
  readonly kills: number;
  readonly freezes: number;
}

const ORG = 'acme';
/** Its runs do not wait behind those of the load. */
const PROBE = 'probe';
const DATES = ['2026-01-05', '2026-01-06'];
const PROBED_DATE = '2026-01-07';
const ANSWER_WITHIN_MS = 2_000;
const RECOVER_WITHIN_MS = 10_000;
const NOTICE_WITHIN_MS = 20_000;

/** SIGKILL, and then SIGSTOP, of PostgreSQL with all its backends, under load; it comes back on the same data. */
export const postgresKill: Scenario<OutageSize> = {
  name: 'postgres-kill',
  promise:
    'PostgreSQL may die or fall silent at any moment: no accepted run is lost, callers are told to wait, and work goes on',
  short: { apis: 1, workers: 1, callers: 4, kills: 1, freezes: 1 },
  full: { apis: 2, workers: 2, callers: 16, kills: 4, freezes: 2 },

  async run(cluster, { apis, workers, callers, kills, freezes }, random) {
    await Promise.all([
      ...Array.from({ length: apis }, () => cluster.join('api')),
      ...Array.from({ length: workers }, () => cluster.join('worker')),
    ]);
    const pids = livingPids(cluster);
    const golden = await loadGolden(cluster, DATES[0]!, '2026-01-08');
    const key = await cluster.givenOrganization(ORG);
    const probeKey = await cluster.givenOrganization(PROBE);
    const traffic = new Traffic(
      cluster,
      { organizations: new Map([[ORG, key]]), dates: DATES, callers },
      random,
    );
    let slowestRecoveryMs = 0;
    for (let outage = 0; outage < kills + freezes; outage++) {
      await traffic.untilAnswered(2 * callers + random.below(20));
      const end = outage < kills ? await killed(cluster) : await cluster.database.freeze();
      const before = traffic.unavailable;
      try {
        await until(
          'callers are told to wait',
          NOTICE_WITHIN_MS,
          () => traffic.unavailable >= before + callers,
        );
        await delay(random.below(3_000));
      } finally {
        await end();
      }
      const { runs, milliseconds } = await recovery(cluster, probeKey);
      for (const runId of runs) traffic.accepted.add(runId);
      slowestRecoveryMs = Math.max(slowestRecoveryMs, milliseconds);
    }
    await traffic.stop();
    await untilAllEnded(cluster.database);

    assert.deepEqual(livingPids(cluster), pids, 'A process of the service has ended');
    assert(traffic.slowest503Ms <= ANSWER_WITHIN_MS, `A 503 took ${traffic.slowest503Ms} ms`);
    await assertAccepted(cluster.database, [golden, ...traffic.accepted]);
    await assertLoadedOnce(cluster, [ORG, PROBE]);
    return {
      outages: kills + freezes,
      accepted: traffic.accepted.size,
      answers_503: traffic.unavailable,
      slowest_503_ms: Math.round(traffic.slowest503Ms),
      slowest_recovery_ms: Math.round(slowestRecoveryMs),
      replayed: traffic.replayed,
    };
  },
};

/** Kills PostgreSQL; resolves with what starts it again. */
async function killed({ database }: Cluster): Promise<() => Promise<void>> {
  await database.kill();
  return () => database.restart();
}

/** Waits until every API process has admitted a run, and a worker has claimed it; resolves with their ids and how long it took. */
async function recovery(cluster: Cluster, key: string): Promise<{ runs: string[]; milliseconds: number }> {
  const startedAt = performance.now();
  const runs: string[] = [];
  await until('every API process admits a run again', RECOVER_WITHIN_MS, async () => {
    const api = cluster.apis[runs.length]!;
    const idempotencyKey = `recovery-${startedAt}-${api.pid}`;
    const { status, body } = await postRun(api, PROBE, key, { idempotencyKey, date: PROBED_DATE });
    if (status === 200 || status === 202) runs.push(body.run_id!);
    return runs.length === cluster.apis.length;
  });
  const left = RECOVER_WITHIN_MS - (performance.now() - startedAt);
  await until('the workers claim runs again', left, async () => {
    const [row] = await cluster.database.query<{ claimed: number }>(
      `SELECT count(*)::int AS claimed FROM pipelines.runs WHERE id = ANY($1) AND attempt > 0`,
      [runs],
    );
    return row!.claimed === runs.length;
  });
  return { runs, milliseconds: performance.now() - startedAt };
}

/** Pids of the processes that were started and have not ended. */
function livingPids({ apis, workers }: Cluster): number[] {
  return [...apis, ...workers].filter((service) => service.runs).map(({ pid }) => pid);
}
