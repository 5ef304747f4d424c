import assert from 'node:assert/strict';
import { type ServiceProcess, until } from '@pipelines/service-driver';
import type { Cluster } from '../cluster/cluster.ts';
import { postRun } from '../cluster/post.ts';
import type { Scenario } from '../scenario.ts';

interface MidnightSize {
  /** Midnights in UTC. */
  readonly boundaries: readonly string[];
}

const DAILY_LIMIT = 20;
const MONTHLY_LIMIT = 30;
const LONG_BEFORE_MS = 3_600_000;
const SHORTLY_BEFORE_MS = 300;
const REFUSE_WITHIN_MS = 30_000;
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
  await setClock(cluster, boundary, LONG_BEFORE_MS);
  const key = await cluster.givenOrganization(org, { daily: DAILY_LIMIT, monthly: MONTHLY_LIMIT });
  const callers = cluster.apis.map((api) => new Caller(api, org, key));
  const finished = Promise.all(callers.map((caller) => caller.call()));
  // Whoever waits for it hears of it; until then it is not unhandled.
  finished.catch(() => undefined);
  await until('every process refuses on the eve', REFUSE_WITHIN_MS, () =>
    callers.every(({ resets }) => resets.size === 1),
  );
  await setClock(cluster, boundary, SHORTLY_BEFORE_MS);
  await until('every process refuses after midnight', REFUSE_WITHIN_MS, () =>
    callers.every(({ resets }) => resets.size === 2),
  );
  for (const caller of callers) caller.stop();
  await finished;

  const startsMonth = boundary.endsWith('-01');
  const eve = new Date(Date.parse(boundary) - DAY_MS).toISOString().slice(0, 10);
  assert.deepEqual(
    await admittedPerDay(cluster, org),
    [
      { counted_on: eve, within_it: true, runs: DAILY_LIMIT },
      {
        counted_on: boundary,
        within_it: true,
        runs: startsMonth ? DAILY_LIMIT : MONTHLY_LIMIT - DAILY_LIMIT,
      },
    ],
    `${org}: runs by the day that they count on, and whether they were admitted on it`,
  );
  for (const { resets } of callers) {
    assert.equal([...resets][0], `${boundary}T00:00:00.000Z`, 'When the day ends, as told on its eve');
  }
  return callers.reduce((posts, caller) => posts + caller.posts, 0);
}

/** Asks one process without a pause. */
class Caller {
  posts = 0;
  /** What refusals said of when the limit resets, in the order in which it was told. */
  readonly resets = new Set<unknown>();
  private stopped = false;

  constructor(
    private readonly api: ServiceProcess,
    private readonly org: string,
    private readonly key: string,
  ) {}

  stop(): void {
    this.stopped = true;
  }

  async call(): Promise<void> {
    for (; !this.stopped && this.api.runs; this.posts++) {
      const { status, body } = await postRun(this.api, this.org, this.key);
      assert([202, 429].includes(status), `A run was answered ${status}`);
      if (status === 429) this.resets.add(body.resets_at);
    }
  }
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

/**
 * An admission that began on the eve and waited for the counter behind one of the new day counts on that, so its run may
 * be as much older than its day as an admission may wait.
 */
function admittedPerDay({ database }: Cluster, org: string): Promise<object[]> {
  // The offset of the clock around midnight; what was admitted long before was so by any offset.
  return database.query(
    `SELECT counted_on::text, count(*)::int AS runs,
       bool_and(admitted_at >= counted_on - interval '1 second' AND admitted_at < counted_on + 1) AS within_it
     FROM (
       SELECT counted_on, (pending_at + (pipelines.utc_now() - now())) AT TIME ZONE 'UTC' AS admitted_at
       FROM pipelines.runs WHERE org_slug = $1
     ) AS admitted
     GROUP BY counted_on ORDER BY counted_on`,
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
