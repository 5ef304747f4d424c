import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand, type Resources } from '@pipelines/service-driver';
import { SaasCompany, type PlanLimits } from './saas-company.ts';

const ORGANIZATIONS = 50;
const WORKERS = 2;
const MONTH = { start_date: '2026-09-01', end_date: '2026-10-01' };
/** What Google appends later belongs to the month, too. */
const BILLED_UNTIL = new Date('2026-10-06T00:00:00Z');
const LIMITS: PlanLimits = { daily: 30, monthly: 100, concurrent: 3 };
const LOOK_EVERY_MS = 250;

/** Reads what the others have loaded, and so comes after them. */
const UNIFIED = 'focus/unified/cost_and_usage';

interface EndedRuns {
  readonly status: string;
  readonly runs: number;
  readonly rows: number;
  readonly error: string | null;
}

/**
 * Loads a month of every pipeline for every organization, as a company does on the first days of the next month, each
 * organization as fast as its plan lets it; then the unified table of each.
 */
async function main(resources: Resources): Promise<void> {
  const company = await resources.add(
    () => SaasCompany.start(WORKERS),
    (started) => started.stop(),
  );
  const organizations = Array.from({ length: ORGANIZATIONS }, (_, index) => `customer_${index + 1}`);
  const billed = { start: MONTH.start_date, until: BILLED_UNTIL };
  for (const org of organizations) await company.acquire(org, LIMITS, billed);
  const { pipelines } = await company.api.call<{
    pipelines: { provider: string; domain: string; pipeline: string }[];
  }>('GET', `pipelines/catalog/${organizations[0]}`);
  const paths = pipelines.map(({ provider, domain, pipeline }) => `${provider}/${domain}/${pipeline}`);

  const startedAt = performance.now();
  const watch = watchConcurrency(company);
  await Promise.all(
    organizations.map(async (org) => {
      for (const path of paths.filter((path) => path !== UNIFIED)) await startWithinPlan(company, org, path);
      await untilEnded(company, org);
      await startWithinPlan(company, org, UNIFIED);
      await untilEnded(company, org);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const highest = await watch.end();

  const { rows: ended } = await company.pool.query<EndedRuns>(
    `SELECT status, count(*)::int AS runs, sum(rows_loaded)::int AS rows, min(error_code || ': ' || error_message) AS error
       FROM pipelines.runs GROUP BY status`,
  );
  console.table(ended);
  const completed = ended.find(({ status }) => status === 'completed');
  console.log(
    `${ORGANIZATIONS} organizations × ${paths.length} pipelines, ${WORKERS} workers: ${seconds.toFixed(0)} s, ` +
      `${((completed?.runs ?? 0) / seconds).toFixed(1)} runs/s, ${Math.round((completed?.rows ?? 0) / seconds)} rows/s; ` +
      `at most ${highest} of ${LIMITS.concurrent} runs of an organization at once.`,
  );
  if (completed?.runs !== ORGANIZATIONS * paths.length || highest > LIMITS.concurrent) process.exitCode = 1;
}

/** Starts the run when the plan allows it, however often it has to ask. */
async function startWithinPlan({ api }: SaasCompany, org: string, path: string): Promise<void> {
  for (;;) {
    const { status, body } = await api.send('POST', `pipelines/run/${org}/${path}`, MONTH);
    if (status === 202) return;
    if (status !== 429) throw new Error(`${org}, ${path}: ${status} ${JSON.stringify(body)}`);
    await delay(LOOK_EVERY_MS);
  }
}

async function untilEnded({ pool }: SaasCompany, org: string): Promise<void> {
  for (;;) {
    const { rows } = await pool.query(
      'SELECT FROM pipelines.runs WHERE org_slug = $1 AND finished_at IS NULL LIMIT 1',
      [org],
    );
    if (rows.length === 0) return;
    await delay(LOOK_EVERY_MS);
  }
}

/** The most runs that an organization had under way whenever it was looked. */
function watchConcurrency({ pool }: SaasCompany): { end(): Promise<number> } {
  let ended = false;
  const watching = (async () => {
    let highest = 0;
    while (!ended) {
      const { rows } = await pool.query<{ highest: number }>(
        `SELECT coalesce(max(runs), 0)::int AS highest
         FROM (SELECT count(*) AS runs FROM pipelines.runs WHERE finished_at IS NULL GROUP BY org_slug) AS unfinished`,
      );
      highest = Math.max(highest, rows[0]!.highest);
      await delay(LOOK_EVERY_MS);
    }
    return highest;
  })();
  return {
    end: () => {
      ended = true;
      return watching;
    },
  };
}

await runCommand(main);
