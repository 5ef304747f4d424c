import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { assertUsed } from '../cluster/invariants.ts';
import { postRun, type RunAnswer } from '../cluster/post.ts';
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';

interface OneKeySize {
  readonly processes: number;
  /** Requests at once with one key. */
  readonly requests: number;
  /** API processes to kill after the commit of a run and before its answer. */
  readonly unanswered: number;
}

/** Past it the kills are not where they should be. */
const TRIES_PER_UNANSWERED = 10;
const RETRY_MS = 100;

/** A stampede with one Idempotency-Key, and API processes that die between the commit of a run and the answer. */
export const oneKey: Scenario<OneKeySize> = {
  name: 'one-key',
  promise: 'requests with one Idempotency-Key start one run, also when nobody is left to tell of it',
  short: { processes: 2, requests: 200, unanswered: 1 },
  full: { processes: 3, requests: 1_000, unanswered: 5 },

  async run(cluster, { processes, requests, unanswered }, random) {
    await Promise.all(Array.from({ length: processes }, () => cluster.join('api')));
    const repeated = await stampede(cluster, requests);
    const kills = await killBeforeAnswers(cluster, unanswered, random);
    return { requests, repeated_after_503: repeated, kills, unanswered };
  },
};

/** Resolves with how many of the requests had to be sent again, because the answer was 503. */
async function stampede(cluster: Cluster, requests: number): Promise<number> {
  const org = 'stampede';
  const key = await cluster.givenOrganization(org, {
    daily: requests,
    monthly: requests,
    concurrent: requests,
  });
  const agents = cluster.apis.map(() => new Agent({ keepAlive: true }));
  let repeated = 0;
  const answers = await Promise.all(
    Array.from({ length: requests }, async (_, index) => {
      for (;;) {
        const api = index % cluster.apis.length;
        const options = { agent: agents[api]!, idempotencyKey: 'the-key' };
        const answer = await postRun(cluster.apis[api]!, org, key, options);
        if (answer.status !== 503) return answer;
        repeated++;
        await delay(RETRY_MS);
      }
    }),
  );
  for (const agent of agents) agent.destroy();
  assert.equal(new Set(answers.map(({ body }) => body.run_id)).size, 1, 'Ids of the runs');
  assert.equal(answers.filter(({ status }) => status === 202).length, 1, 'Answers that say "accepted"');
  assert.equal(answers.filter(isReplay).length, requests - 1, 'Answers that say "replayed"');
  await assertUsed(cluster.database, org, 1);
  return repeated;
}

/** Resolves with how many kills it took. */
async function killBeforeAnswers(cluster: Cluster, wanted: number, random: Random): Promise<number> {
  const org = 'unanswered';
  const key = await cluster.givenOrganization(org);
  let kills = 0;
  for (let unanswered = 0; unanswered < wanted; kills++) {
    assert(kills < TRIES_PER_UNANSWERED * wanted, `Of ${kills} requests only ${unanswered} got no answer`);
    const idempotencyKey = `request-${kills}`;
    const victim = random.pick(cluster.apis);
    const replacement = cluster.join('api');
    const answer = postRun(victim, org, key, { idempotencyKey }).catch(() => undefined);
    const runId = await stepUntilAdmitted(cluster, victim, idempotencyKey, random);
    await cluster.kill(victim);
    await replacement;
    if (!(await answer)) unanswered++;

    const again = await postRun(random.pick(cluster.apis), org, key, { idempotencyKey });
    assert(isReplay(again), `The repeated request was answered ${again.status}`);
    assert.equal(again.body.run_id, runId, 'The run that the repeated request is told of');
  }
  await assertUsed(cluster.database, org, kills);
  return kills;
}

/**
 * Lets the process run for a moment at a time, and looks in between whether the run is there. A statement that
 * PostgreSQL has received commits while the process stands still. Resolves with the run's id; the process stands.
 */
async function stepUntilAdmitted(
  cluster: Cluster,
  api: Cluster['apis'][number],
  idempotencyKey: string,
  random: Random,
): Promise<string> {
  for (;;) {
    await delay(random.below(3));
    cluster.freeze(api);
    const [row] = await cluster.database.query<{ run_id: string }>(
      'SELECT run_id FROM pipelines.idempotency_keys WHERE key = $1',
      [idempotencyKey],
    );
    if (row) return row.run_id;
    cluster.thaw(api);
  }
}

function isReplay({ status, headers }: RunAnswer): boolean {
  return status === 200 && headers['idempotent-replay'] === 'true';
}
