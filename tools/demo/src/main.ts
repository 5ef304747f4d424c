import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import { ApiClient, freePort, ServiceProcess } from '@pipelines/service-driver';
import { costTable } from './cost-table.ts';
import { followRuns, type FollowedRun } from './live-runs.ts';
import { readWarehouse, type WarehouseReport } from './warehouse-report.ts';

const ORG = 'acme_corp';
const DAYS = 7;
const PIPELINES = ['openai/cost/costs_daily', 'openai/api/usage_completions', 'gcp/api/pricing_catalog'];

/** Sets up the service, runs the shipped pipelines through its API, and shows what they loaded. */
async function main(): Promise<void> {
  const startedAt = Date.now();
  const dataDirectory = resolve(process.env.DATA_DIR ?? '.data/demo');
  await mkdir(dataDirectory, { recursive: true });
  const logPath = join(dataDirectory, 'service.log');
  const duckdbPath = join(dataDirectory, 'warehouse.duckdb');
  const rootKey = process.env.ROOT_API_KEY ?? randomBytes(32).toString('base64url');

  console.log('Starting the provider sandbox, PostgreSQL and the service …');
  const sandbox = await startProviderSandbox();
  const service = await ServiceProcess.start(
    {
      ...databaseSettings(),
      DATA_DIR: dataDirectory,
      DUCKDB_PATH: duckdbPath,
      WAREHOUSE: 'duckdb',
      APP_ENV: 'dev',
      ROOT_API_KEY: rootKey,
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      ANTHROPIC_BASE_URL: sandbox.endpoints.anthropic,
      GCP_BILLING_CATALOG_BASE_URL: sandbox.endpoints.gcpBillingCatalog,
      GCP_TOKEN_URL: sandbox.endpoints.gcpToken,
    },
    await freePort(),
    logPath,
  );
  try {
    console.log(`The service is ready on ${service.baseUrl} (log: ${logPath}).\n`);
    const api = await setUpOrganization(
      new ApiClient(service.baseUrl, rootKey),
      service.baseUrl,
      sandbox.credentials,
    );
    const window = trailingWindow(DAYS);

    console.log(
      `Running ${PIPELINES.length} pipelines for ${ORG}, ${window.start_date} to ${window.end_date}:\n`,
    );
    const runs: FollowedRun[] = [];
    for (const label of PIPELINES) {
      const { run_id } = await api.call<{ run_id: string }>('POST', `pipelines/run/${ORG}/${label}`, window);
      runs.push({ label, statusPath: `pipelines/status/${ORG}/${run_id}` });
    }
    await followRuns(api, runs);

    const report = await readWarehouse(duckdbPath, `${ORG}_dev`, window.start_date);
    console.log(`\nCost per provider, service and day, from ${duckdbPath}:\n`);
    console.log(costTable(report.costs));
    console.log('\nRows per table:');
    for (const [table, rows] of Object.entries(report.rowCounts))
      console.log(`  ${table.padEnd(45)} ${rows}`);
    await compareWithTruth(sandbox, window, report);
    console.log(`Done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
  } finally {
    await service.stop();
    await sandbox.close();
  }
}

/** Settings by which the demo runs on a database of the operator's; none means the embedded one. */
function databaseSettings(): Record<string, string> {
  const { DATABASE_URL, SUPABASE_DB_URL } = process.env;
  if (DATABASE_URL === undefined) return {};
  const CREDENTIALS_KEY = process.env.CREDENTIALS_KEY ?? randomBytes(32).toString('base64');
  return { DATABASE_URL, CREDENTIALS_KEY, ...(SUPABASE_DB_URL === undefined ? {} : { SUPABASE_DB_URL }) };
}

/** The organization on a trial plan, with a key of its own and the sandbox's credentials. */
async function setUpOrganization(root: ApiClient, baseUrl: string, credentials: object): Promise<ApiClient> {
  const subscription = { status: 'TRIAL', daily_limit: 1000, monthly_limit: 10000, concurrent_limit: 10 };
  const plannedElsewhere = Object.keys(databaseSettings()).length > 0;
  await root.call('PUT', `organizations/${ORG}`, {
    name: 'Acme Corporation',
    ...(plannedElsewhere ? {} : { subscription }),
  });
  for (const [provider, secret] of Object.entries(credentials)) {
    await root.call('PUT', `credentials/${ORG}/${provider}`, { secret });
  }
  const { key } = await root.call<{ key: string }>('POST', `organizations/${ORG}/keys`, {
    scopes: ['run', 'read'],
  });
  return new ApiClient(baseUrl, key);
}

/** @throws Error when the warehouse and the sandbox's own books differ in any digit. */
async function compareWithTruth(
  sandbox: ProviderSandbox,
  window: { start_date: string; end_date: string },
  { total, totalAsReceived }: WarehouseReport,
): Promise<void> {
  const billed = async (scale: Record<string, string>) => {
    const query = new URLSearchParams({ ...window, ...scale });
    const response = await fetch(`${sandbox.url}/_sandbox/truth/openai/costs?${query}`);
    return withoutPadding(((await response.json()) as { amount: string }).amount);
  };
  const pairs = [
    [withoutPadding(totalAsReceived), await billed({})],
    [withoutPadding(total), await billed({ scale: '18' })],
  ] as const;
  for (const [loaded, truth] of pairs) {
    if (loaded !== truth) throw new Error(`The warehouse holds ${loaded}, but the provider billed ${truth}.`);
  }
  console.log(`\nTotal cost as billed ${pairs[0][1]} USD: the warehouse holds the same, to the last digit.`);
}

function withoutPadding(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

function trailingWindow(days: number): { start_date: string; end_date: string } {
  const day = (offset: number) => new Date(Date.now() - offset * 86_400_000).toISOString().slice(0, 10);
  return { start_date: day(days), end_date: day(0) };
}

try {
  await main();
} catch (error) {
  console.error(`\nThe demo did not succeed. ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
