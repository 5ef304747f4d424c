import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import type { Cluster, Limits } from '../cluster/cluster.ts';
import { assertCounted } from '../cluster/invariants.ts';
import { postRun } from '../cluster/post.ts';
import type { Scenario } from '../scenario.ts';

interface CrowdSize {
  readonly processes: number;
  readonly requests: number;
  readonly limit: number;
  /** How often the crowd comes for each limit, each time for an organization that is new. */
  readonly rounds: Readonly<Record<keyof Limits, number>>;
}

/** Requests that one process has open at once when the crowd queues, as behind a load balancer. */
const QUEUE = 100;

/** Requests without a pause against each limit of a plan, from several API processes and with no worker to free slots. */
export const crowd: Scenario<CrowdSize> = {
  name: 'crowd',
  promise: 'a limit admits exactly as many runs as it says, however many ask at once and wherever',
  short: { processes: 2, requests: 300, limit: 20, rounds: { concurrent: 1, daily: 1, monthly: 1 } },
  full: { processes: 3, requests: 10_000, limit: 100, rounds: { concurrent: 10, daily: 1, monthly: 1 } },

  async run(cluster, { processes, requests, limit, rounds }) {
    await Promise.all(Array.from({ length: processes }, () => cluster.join('api')));
    let posts = 0;
    let milliseconds = 0;
    for (const kind of Object.keys(rounds) as (keyof Limits)[]) {
      for (let round = 1; round <= rounds[kind]; round++) {
        const org = `${kind}_${round}`;
        const key = await cluster.givenOrganization(org, { [kind]: limit });
        const startedAt = performance.now();
        const answers = await postAtOnce(cluster, org, key, requests, QUEUE);
        milliseconds += performance.now() - startedAt;
        posts += requests;
        assert.deepEqual(answers, { 202: limit, 429: requests - limit }, `Answers to ${org}`);
        await assertCounted(cluster.database);
      }
    }
    const shed = await stampede(cluster, requests, limit);
    return { posts, posts_per_second: Math.round((1_000 * posts) / milliseconds), stampede_503: shed };
  },
};

/**
 * All requests open at once. A process that cannot get to one of them in time says 503; what it admits is exact all the
 * same. Resolves with how many it turned away so.
 */
async function stampede(cluster: Cluster, requests: number, limit: number): Promise<number> {
  const key = await cluster.givenOrganization('stampede', { concurrent: limit });
  const {
    202: admitted,
    429: refused = 0,
    503: shed = 0,
  } = await postAtOnce(cluster, 'stampede', key, requests, requests);
  assert.deepEqual([admitted, refused + shed], [limit, requests - limit], 'Answers to the stampede');
  return shed;
}

/** How many of the requests, spread over the API processes, were answered with which status. */
async function postAtOnce(
  { apis }: Cluster,
  org: string,
  key: string,
  requests: number,
  openPerProcess: number,
): Promise<Record<number, number>> {
  const agents = apis.map(() => new Agent({ keepAlive: true, maxSockets: openPerProcess }));
  const counts: Record<number, number> = {};
  await Promise.all(
    Array.from({ length: requests }, async (_, index) => {
      const agent = agents[index % apis.length]!;
      const { status } = await postRun(apis[index % apis.length]!, org, key, { agent });
      counts[status] = (counts[status] ?? 0) + 1;
    }),
  );
  for (const agent of agents) agent.destroy();
  return counts;
}
