import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Limits } from '../cluster/cluster.ts';
import { assertCounted } from '../cluster/invariants.ts';
import { postRun, type RunAnswer } from '../cluster/post.ts';
import type { Scenario } from '../scenario.ts';

interface Crowd {
  readonly requests: number;
  /** How often it comes, each time for an organization that is new; once more, against the concurrent limit, all at once. */
  readonly rounds: number;
}

interface CrowdSize extends Readonly<Record<keyof Limits, Crowd>> {
  readonly processes: number;
  readonly limit: number;
}

const KINDS = ['concurrent', 'daily', 'monthly'] as const;
/** Requests that one process has open at once when the crowd queues, as behind a load balancer. */
const QUEUE = 100;
const RETRY_MS = 1_000;

/** Requests without a pause against each limit of a plan, from several API processes and with no worker to free slots. */
export const crowd: Scenario<CrowdSize> = {
  name: 'crowd',
  promise: 'a limit admits exactly as many runs as it says, however many ask at once and wherever',
  short: {
    processes: 2,
    limit: 20,
    concurrent: { requests: 300, rounds: 1 },
    daily: { requests: 200, rounds: 1 },
    monthly: { requests: 200, rounds: 1 },
  },
  full: fullSize({ requests: 1_000, rounds: 10 }),
  alone: fullSize({ requests: 10_000, rounds: 10 }),

  async run(cluster, size) {
    const { processes, limit } = size;
    await Promise.all(Array.from({ length: processes }, () => cluster.join('api')));
    let posts = 0;
    let milliseconds = 0;
    let shed = 0;
    for (const kind of KINDS) {
      const { requests, rounds } = size[kind];
      for (let round = 1; round <= rounds; round++) {
        const org = `${kind}_${round}`;
        const key = await cluster.givenOrganization(org, { [kind]: limit });
        const startedAt = performance.now();
        shed += await crowdIn(cluster, { org, key, kind, limit }, requests, QUEUE);
        milliseconds += performance.now() - startedAt;
        posts += requests;
      }
    }
    const org = 'stampede';
    const key = await cluster.givenOrganization(org, { concurrent: limit });
    const { requests } = size.concurrent;
    const stampede503 = await crowdIn(cluster, { org, key, kind: 'concurrent', limit }, requests, requests);
    return {
      posts,
      posts_per_second: Math.round((1_000 * posts) / milliseconds),
      repeated_after_503: shed,
      stampede_repeated_after_503: stampede503,
    };
  },
};

/** @param counted The crowds against the limits that count all runs of a day or a month. */
function fullSize(counted: Crowd): CrowdSize {
  const concurrent = { requests: 10_000, rounds: 9 };
  return { processes: 3, limit: 100, concurrent, daily: counted, monthly: counted };
}

/** The organization that a crowd asks for runs, and the one limit that its plan has. */
interface Aim {
  readonly org: string;
  readonly key: string;
  readonly kind: keyof Limits;
  readonly limit: number;
}

/**
 * Sends the requests, spread over the API processes. One that a process cannot get to in time is answered 503, and sent
 * again. Resolves with how many were.
 * @throws AssertionError unless exactly as many as the limit allows are accepted, and all others are told of the limit.
 */
async function crowdIn(
  { apis, database }: Cluster,
  aim: Aim,
  requests: number,
  openPerProcess: number,
): Promise<number> {
  const { org, key, limit } = aim;
  const agents = apis.map(() => new Agent({ keepAlive: true, maxSockets: openPerProcess }));
  const counts: Record<number, number> = {};
  let repeated = 0;
  await Promise.all(
    Array.from({ length: requests }, async (_, index) => {
      const api = index % apis.length;
      for (;;) {
        const answer = await postRun(apis[api]!, org, key, { agent: agents[api]! });
        const { status } = answer;
        if (status !== 503) {
          counts[status] = (counts[status] ?? 0) + 1;
          if (status === 429) assertReceipt(answer, aim);
          return;
        }
        repeated++;
        await delay(RETRY_MS);
      }
    }),
  );
  for (const agent of agents) agent.destroy();
  assert.deepEqual(counts, { 202: limit, 429: requests - limit }, `Answers to ${org}`);
  await assertCounted(database);
  return repeated;
}

/** @throws AssertionError unless the refusal names the limit with what is used of it, and says when to ask again. */
function assertReceipt({ headers, body }: RunAnswer, { kind, limit }: Aim): void {
  const { code, limit: named, allowed, used } = body;
  assert.deepEqual(
    { code, named, allowed, used },
    { code: 'quota_exceeded', named: kind, allowed: limit, used: limit },
  );
  assert.match(String(headers.ratelimit), new RegExp(`^"${kind}";r=0(;t=\\d+)?$`));
  assert(Number(headers['retry-after']) > 0, 'A refusal does not say when to ask again');
}
