import type { Cluster } from '../cluster/cluster.ts';
import { clearFaults, injectFault, type CostsFault } from '../cluster/faults.ts';
import { assertAccepted, assertCounted, untilAllEnded } from '../cluster/invariants.ts';
import { assertLoadedOnce, loadGolden } from '../cluster/loaded.ts';
import { Traffic } from '../cluster/traffic.ts';
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';

interface KillSize {
  readonly apis: number;
  readonly workers: number;
  readonly organizations: number;
  readonly callers: number;
  readonly kills: number;
  /** Processes that die at the same time. */
  readonly killers: number;
}

const DATES = ['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08'];
const CONCURRENT_LIMIT = 6;

/** What the provider does, beside what we do: some of it passes, some of it ends the run. */
const FAULTS: readonly CostsFault[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429, retry_after: 1 },
  { kind: 'status', status: 401 },
  { kind: 'truncate' },
  { kind: 'html' },
  { kind: 'reset' },
];

/** SIGKILL of random processes under load, with cancellations and failures of the provider in between. */
export const kill9: Scenario<KillSize> = {
  name: 'kill-9',
  promise: 'whichever processes die, no accepted run is lost, none is loaded twice, and no slot leaks',
  short: { apis: 2, workers: 2, organizations: 2, callers: 4, kills: 4, killers: 1 },
  full: { apis: 3, workers: 4, organizations: 4, callers: 8, kills: 200, killers: 4 },

  async run(cluster, size, random) {
    await Promise.all([
      ...Array.from({ length: size.apis }, () => cluster.join('api')),
      ...Array.from({ length: size.workers }, () => cluster.join('worker')),
    ]);
    const golden = await loadGolden(cluster, DATES[0]!, '2026-01-09');
    const organizations = new Map<string, string>();
    for (let index = 1; index <= size.organizations; index++) {
      organizations.set(
        `org_${index}`,
        await cluster.givenOrganization(`org_${index}`, { concurrent: CONCURRENT_LIMIT }),
      );
    }

    const traffic = new Traffic(
      cluster,
      { organizations, dates: DATES, callers: size.callers, cancelsOneIn: 6 },
      random,
    );
    let left = size.kills;
    const kill = async (choices: Random) => {
      while (left-- > 0) await killOne(cluster, traffic, choices);
    };
    await Promise.all(Array.from({ length: size.killers }, () => kill(random.fork())));
    await traffic.stop();
    await clearFaults(cluster.sandbox);
    await assertCounted(cluster.database);

    await untilAllEnded(cluster.database);
    await assertCounted(cluster.database);
    await assertAccepted(cluster.database, [golden, ...traffic.accepted]);
    await assertLoadedOnce(cluster, organizations.keys());
    return {
      kills: size.kills,
      refused: traffic.refused,
      repeated: traffic.repeated,
      replayed: traffic.replayed,
      ...(await outcomes(cluster)),
    };
  },
};

/** Kills a process in the middle of its work, and puts a new one in its place. */
async function killOne(cluster: Cluster, traffic: Traffic, random: Random): Promise<void> {
  await traffic.untilAnswered(1 + random.below(10));
  if (random.oneIn(2)) await injectFault(cluster.sandbox, random.pick(FAULTS));
  const victim = random.pick([...cluster.apis, ...cluster.workers]);
  const role = cluster.apis.includes(victim) ? 'api' : 'worker';
  await cluster.kill(victim);
  await cluster.join(role);
}

async function outcomes({ database }: Cluster): Promise<Record<string, number>> {
  const rows = await database.query<{ outcome: string; runs: number }>(
    `SELECT coalesce(error_code, status) AS outcome, count(*)::int AS runs FROM pipelines.runs GROUP BY 1 ORDER BY 1`,
  );
  const [lost] = await database.query<{ taken_over: number }>(
    `SELECT count(*) FILTER (WHERE lost_attempts > 0)::int AS taken_over FROM pipelines.runs`,
  );
  return { ...Object.fromEntries(rows.map(({ outcome, runs }) => [outcome, runs])), ...lost };
}
