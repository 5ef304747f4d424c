import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceProcess, until } from '@pipelines/service-driver';
import type { Cluster, Role } from '../cluster/cluster.ts';
import { clearFaults, countCostsRequested, injectFault, untilCostsRequested } from '../cluster/faults.ts';
import { assertAccepted, untilAllEnded } from '../cluster/invariants.ts';
import { assertLoadedOnce, loadGolden } from '../cluster/loaded.ts';
import { postRun, type RunAnswer } from '../cluster/post.ts';
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';

interface StopSize {
  readonly apis: number;
  readonly workers: number;
  readonly callers: number;
  readonly stops: number;
}

const ORG = 'acme';
const DATES = ['2026-01-05', '2026-01-06', '2026-01-07'];
const CONCURRENT_LIMIT = 10;
const PROGRESS_WITHIN_MS = 20_000;
/** Refusals without a pause would take the machine from the processes that are to start and to stop. */
const REFUSED_PAUSE_MS = 100;
const SETTINGS = { SHUTDOWN_GRACE_S: '1' };

/** SIGTERM of API and worker processes under load, while some runs hang so that they outlast the grace period. */
export const sigterm: Scenario<StopSize> = {
  name: 'sigterm',
  promise:
    'a process that is told to stop answers what it has accepted, hands its runs over, and exits with 0',
  short: { apis: 1, workers: 1, callers: 3, stops: 2 },
  full: { apis: 2, workers: 2, callers: 8, stops: 10 },

  async run(cluster, { apis, workers, callers, stops }, random) {
    await Promise.all([
      ...Array.from({ length: apis }, () => cluster.join('api', SETTINGS)),
      ...Array.from({ length: workers }, () => cluster.join('worker', SETTINGS)),
    ]);
    const golden = await loadGolden(cluster, DATES[0]!, '2026-01-08');
    const key = await cluster.givenOrganization(ORG, { concurrent: CONCURRENT_LIMIT });
    const load = new Load(cluster, key, callers, random);
    for (let stop = 0; stop < stops; stop++) {
      await load.untilAdmitted(1 + random.below(5));
      const role: Role = stop % 2 === 0 ? 'worker' : 'api';
      if (role === 'worker') await hangOne(cluster);
      await stopOne(cluster, role, random);
    }
    await clearFaults(cluster.sandbox);
    await load.stop();
    await untilAllEnded(cluster.database);

    await assertAccepted(cluster.database, [golden, ...load.accepted]);
    await assertLoadedOnce(cluster, [ORG]);
    return {
      stops,
      accepted: load.accepted.length,
      refused: load.refused,
      reset_unread: load.resets,
      handed_over: await handedOver(cluster),
    };
  },
};

/**
 * SIGTERM to one process, once another has taken its place.
 * @throws AssertionError unless it exits with 0.
 */
async function stopOne(cluster: Cluster, role: Role, random: Random): Promise<void> {
  const victim = random.pick(role === 'api' ? cluster.apis : cluster.workers);
  await cluster.join(role, SETTINGS);
  assert.equal(await cluster.stop(victim), 0, `Exit code of the ${role}:\n${victim.output.slice(-2_000)}`);
}

/** Lets a worker have a run that will not end within the grace period. */
async function hangOne({ sandbox }: Cluster): Promise<void> {
  const requested = await countCostsRequested(sandbox);
  await injectFault(sandbox, { kind: 'hang' });
  await untilCostsRequested(sandbox, requested + 1);
}

/** @throws AssertionError unless every run has completed, and none had to be taken over from a worker that was lost. */
async function handedOver({ database }: Cluster): Promise<number> {
  const [runs] = await database.query<{ handed_over: number; lost: number; incomplete: number }>(
    `SELECT count(*) FILTER (WHERE attempt > 1)::int AS handed_over, sum(lost_attempts)::int AS lost,
       count(*) FILTER (WHERE status <> 'completed')::int AS incomplete FROM pipelines.runs`,
  );
  assert.deepEqual([runs!.lost, runs!.incomplete], [0, 0], 'Runs that were lost, or not completed');
  assert(runs!.handed_over > 0, 'No run was handed over');
  return runs!.handed_over;
}

/** @throws AssertionError unless the refusal says why, and when to ask again. */
function assertTellsWhen({ status, headers, body }: RunAnswer): void {
  const expected = { 429: 'quota_exceeded', 503: 'shutting_down' }[status];
  assert.equal(body.code, expected, `The code of a refusal with ${status}`);
  assert(Number(headers['retry-after']) > 0, `A refusal with ${status} has no Retry-After`);
}

/** Callers with a connection for each request, which are not afraid of a process that is stopping. */
class Load {
  readonly accepted: string[] = [];
  /** Connections that ended without an answer: the process stopped listening before it got to them. */
  resets = 0;
  refused = 0;
  private stopping = false;
  private readonly callers: Promise<unknown>;

  constructor(
    private readonly cluster: Cluster,
    private readonly key: string,
    callers: number,
    random: Random,
  ) {
    this.callers = Promise.all(Array.from({ length: callers }, () => this.call(random.fork())));
    this.callers.catch(() => undefined);
  }

  async untilAdmitted(more: number): Promise<void> {
    const goal = this.accepted.length + more;
    await until('runs are admitted', PROGRESS_WITHIN_MS, () => this.accepted.length >= goal);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.callers;
  }

  private async call(random: Random): Promise<void> {
    while (!this.stopping && !this.cluster.closed) {
      // A process that is stopping is asked until it listens no more.
      const api = random.pick(this.cluster.apis);
      for (let listening = true; listening && !this.stopping && !this.cluster.closed;) {
        listening = await this.ask(api, random.pick(DATES));
        if (random.oneIn(10)) break;
      }
    }
  }

  /** Whether the process listens. */
  private async ask(api: ServiceProcess, date: string): Promise<boolean> {
    let read = false;
    try {
      const answer = await postRun(api, ORG, this.key, { date, onRead: () => (read = true) });
      if (answer.status === 202) {
        this.accepted.push(answer.body.run_id!);
        return true;
      }
      assertTellsWhen(answer);
      this.refused++;
      await delay(REFUSED_PAUSE_MS);
      return true;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      const { code } = error as { code?: string };
      if (read || (code !== 'ECONNRESET' && code !== 'ECONNREFUSED')) {
        throw new Error('A request that was read got no answer.', { cause: error });
      }
      if (code === 'ECONNRESET') this.resets++;
      return false;
    }
  }
}
