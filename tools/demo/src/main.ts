import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { seedGcpExports, startProviderSandbox } from '@pipelines/provider-sandbox';
import { ApiClient, freePort, runCommand, ServiceProcess, type Resources } from '@pipelines/service-driver';
import { compareWithBilled, type DaySpan } from './billed-costs.ts';
import { costTable } from './cost-table.ts';
import { followRuns, type FollowedRun } from './live-runs.ts';
import { readWarehouse } from './warehouse-report.ts';

const ORG = 'acme_corp';
const DAYS = 7;
/** Days that the sandbox's Google has exported when it begins. */
const EXPORTED_DAYS = 30;
const BILLING_DATASET = `${ORG}_billing`;
const PROVIDERS = [
  'openai/cost/costs_daily',
  'openai/api/usage_completions',
  'gcp/cost/billing_export',
  'gcp/api/pricing_catalog',
  'anthropic/cost/costs_daily',
  'anthropic/api/usage_messages',
];
const UNIFIED = 'focus/unified/cost_and_usage';

/** Sets up the service, runs the shipped pipelines through its API, and shows what they loaded. */
async function main(resources: Resources): Promise<void> {
  const startedAt = Date.now();
  const dataDirectory = resolve(process.env.DATA_DIR ?? '.data/demo');
  await mkdir(dataDirectory, { recursive: true });
  const logPath = join(dataDirectory, 'service.log');
  const duckdbPath = join(dataDirectory, 'warehouse.duckdb');
  const rootKey = process.env.ROOT_API_KEY ?? randomBytes(32).toString('base64url');

  console.log('Starting the provider sandbox, PostgreSQL and the service …');
  const exportedUntil = new Date();
  const { start_date: start } = trailingWindow(EXPORTED_DAYS, exportedUntil);
  await seedGcpExports(duckdbPath, { dataset: BILLING_DATASET, until: exportedUntil, start });
  const sandbox = await resources.add(
    () => startProviderSandbox({ exportDataset: BILLING_DATASET }),
    (opened) => opened.close(),
  );
  const port = await freePort();
  const environment = {
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
  };
  const service = await resources.add(
    () => ServiceProcess.start(environment, port, logPath),
    (opened) => opened.stop(),
  );
  console.log(`The service is ready on ${service.baseUrl} (log: ${logPath}).\n`);
  const api = await setUpOrganization(
    new ApiClient(service.baseUrl, rootKey),
    service.baseUrl,
    sandbox.credentials,
  );
  const window = trailingWindow(DAYS, exportedUntil);

  console.log(
    `Running ${PROVIDERS.length} pipelines for ${ORG}, ${window.start_date} to ${window.end_date}, and then the unified one:\n`,
  );
  await runAll(api, PROVIDERS, window);
  await runAll(api, [UNIFIED], window);

  const report = await readWarehouse(duckdbPath, `${ORG}_dev`, window);
  console.log(`\nUnified cost per provider, service and day, from ${duckdbPath}:\n`);
  console.log(costTable(report.costs));
  console.log('\nRows per table:');
  for (const [table, rows] of Object.entries(report.rowCounts)) console.log(`  ${table.padEnd(45)} ${rows}`);
  const totals = await compareWithBilled(sandbox.url, window, exportedUntil, report.costs);
  console.log('\nTotals, which are to the last digit what the providers billed:');
  for (const [name, total] of Object.entries(totals)) console.log(`  ${name.padEnd(20)} ${total}`);
  console.log(
    `\nCheck the unified table by FOCUS: DUCKDB_PATH='${duckdbPath}' npm run focus:check -- --org ${ORG}`,
  );
  console.log(`Done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
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

async function runAll(api: ApiClient, pipelines: readonly string[], window: DaySpan): Promise<void> {
  const runs: FollowedRun[] = [];
  for (const label of pipelines) {
    const { run_id } = await api.call<{ run_id: string }>('POST', `pipelines/run/${ORG}/${label}`, window);
    runs.push({ label, statusPath: `pipelines/status/${ORG}/${run_id}` });
  }
  await followRuns(api, runs);
}

function trailingWindow(days: number, now: Date): DaySpan {
  const day = (offset: number) => new Date(now.getTime() - offset * 86_400_000).toISOString().slice(0, 10);
  return { start_date: day(days), end_date: day(0) };
}

await runCommand(
  main,
  (error) => `\nThe demo did not succeed. ${error instanceof Error ? error.message : String(error)}`,
);
