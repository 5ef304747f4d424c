import type { DataSource } from 'typeorm';
import type { Plan } from '@pipelines/quota';

/** A plan without limits. */
export const UNLIMITED: Omit<Plan, 'org'> = {
  status: 'ACTIVE',
  trialEndsAt: null,
  trialEnded: false,
  dailyLimit: null,
  monthlyLimit: null,
  concurrentLimit: null,
};

/** Inserts an organization with its counter and returns its plan, unlimited but for what is given. */
export async function givenOrganization(
  dataSource: DataSource,
  org: string,
  limits: Partial<Pick<Plan, 'dailyLimit' | 'monthlyLimit' | 'concurrentLimit'>> = {},
): Promise<Plan> {
  await dataSource.query('INSERT INTO pipelines.organizations (slug, name) VALUES ($1, $1)', [org]);
  await dataSource.query(
    `INSERT INTO pipelines.usage_counters (org_slug, day) VALUES ($1, (pipelines.utc_now() AT TIME ZONE 'UTC')::date)`,
    [org],
  );
  return { ...UNLIMITED, org, ...limits };
}

export interface Counter {
  daily: number;
  monthly: number;
  concurrent: number;
  completed: number;
  failed: number;
}

/** The organization's counter row. */
export async function counterOf(dataSource: DataSource, org: string): Promise<Counter> {
  const [row] = await dataSource.query<Counter[]>(
    `SELECT daily_count AS daily, monthly_count AS monthly, concurrent_count AS concurrent,
       completed_count::int AS completed, failed_count::int AS failed
     FROM pipelines.usage_counters WHERE org_slug = $1`,
    [org],
  );
  return row!;
}

/** How many of the organization's runs have not ended; the concurrent count must always equal it. */
export async function unfinishedRuns(dataSource: DataSource, org: string): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM pipelines.runs
     WHERE org_slug = $1 AND status IN ('pending', 'validating', 'running')`,
    [org],
  );
  return row!.count;
}
