import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { postRun, type RunAnswer } from '../cluster/post.ts';
import type { Scenario } from '../scenario.ts';

interface MidnightSize {
  /** Midnights in UTC. */
  readonly boundaries: readonly string[];
}

const DAILY_LIMIT = 20;
const MONTHLY_LIMIT = 30;
const BEFORE_MS = 1_500;
const AFTER_MS = 1_500;
const PAUSE_MS = 10;
const DAY_MS = 86_400_000;

/** Processes whose own clocks are of no use: time zones at both ends of the world, and clocks that are days off. */
const CLOCKS: readonly Readonly<Record<string, string>>[] = [
  { TZ: 'UTC' },
  { TZ: 'Pacific/Kiritimati', NODE_OPTIONS: `--import=${shiftedClock(3 * DAY_MS)}` },
  { TZ: 'America/Los_Angeles', NODE_OPTIONS: `--import=${shiftedClock(-40 * DAY_MS)}` },
];

/** Requests without a pause while the clock of the database passes midnight, from processes whose clocks are wrong. */
export const midnight: Scenario<MidnightSize> = {
  name: 'midnight',
  promise:
    'daily and monthly counts start anew exactly at midnight in UTC, whatever the clocks of the processes say',
  short: { boundaries: ['2027-02-01'] },
  full: { boundaries: ['2026-12-16', '2027-01-01', '2027-02-01', '2028-02-29', '2028-03-01'] },

  async run(cluster, { boundaries }) {
    await Promise.all(CLOCKS.map((settings) => cluster.join('api', settings)));
    let posts = 0;
    for (const boundary of boundaries) posts += await passMidnight(cluster, boundary);
    return { boundaries: boundaries.length, posts };
  },
};

async function passMidnight(cluster: Cluster, boundary: string): Promise<number> {
  const org = `org_${boundary.replaceAll('-', '_')}`;
  await setClock(cluster, boundary, BEFORE_MS);
  const key = await cluster.givenOrganization(org, { daily: DAILY_LIMIT, monthly: MONTHLY_LIMIT });
  await setClock(cluster, boundary, BEFORE_MS);
  const endsAt = performance.now() + BEFORE_MS + AFTER_MS;
  const answers = await Promise.all(
    cluster.apis.map(async (api) => {
      const own: RunAnswer[] = [];
      while (performance.now() < endsAt) {
        own.push(await postRun(api, org, key));
        await delay(PAUSE_MS);
      }
      return own;
    }),
  );

  const startsMonth = boundary.endsWith('-01');
  const eve = new Date(Date.parse(boundary) - DAY_MS).toISOString().slice(0, 10);
  assert.deepEqual(
    await admittedPerDay(cluster, org),
    [
      { counted_on: eve, really_on: eve, runs: DAILY_LIMIT },
      {
        counted_on: boundary,
        really_on: boundary,
        runs: startsMonth ? DAILY_LIMIT : MONTHLY_LIMIT - DAILY_LIMIT,
      },
    ],
    `${org}: runs by the day that they count on and the day on which they were admitted`,
  );
  for (const own of answers) assertRefused(own, boundary);
  return answers.flat().length;
}

/** Every process has refused on both sides of the boundary, and said on the first that the day ends there. */
function assertRefused(answers: readonly RunAnswer[], boundary: string): void {
  const unexpected = answers.filter(({ status }) => status !== 202 && status !== 429);
  assert.deepEqual(unexpected, [], 'Answers other than 202 and 429');
  const resets = new Set(answers.filter(({ status }) => status === 429).map(({ body }) => body.resets_at));
  assert(resets.has(`${boundary}T00:00:00.000Z`), `Resets that were told: ${[...resets].join()}`);
  assert.equal(resets.size, 2, `Resets that were told: ${[...resets].join()}`);
}

/** Sets the one clock that counts to so long before the midnight. */
async function setClock({ database }: Cluster, boundary: string, beforeMs: number): Promise<void> {
  await database.query(`
    DO $do$ BEGIN EXECUTE format(
      $$CREATE OR REPLACE FUNCTION pipelines.utc_now() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT now() + interval ''%s'' '$$,
      timestamptz '${boundary}T00:00:00Z' - interval '${beforeMs} milliseconds' - clock_timestamp());
    END $do$`);
}

function admittedPerDay({ database }: Cluster, org: string): Promise<object[]> {
  // The offset of the clock is the same before and after, so it can be asked for now.
  return database.query(
    `SELECT counted_on::text, ((pending_at + (pipelines.utc_now() - now())) AT TIME ZONE 'UTC')::date::text AS really_on,
       count(*)::int AS runs
     FROM pipelines.runs WHERE org_slug = $1 GROUP BY 1, 2 ORDER BY 1, 2`,
    [org],
  );
}

/** A module that puts the process's wall clock off. */
function shiftedClock(milliseconds: number): string {
  const source = `
    const RealDate = Date;
    globalThis.Date = class Date extends RealDate {
      constructor(...parts) { if (parts.length === 0) super(RealDate.now() + ${milliseconds}); else super(...parts); }
      static now() { return RealDate.now() + ${milliseconds}; }
    };`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
