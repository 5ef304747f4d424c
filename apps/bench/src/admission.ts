import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedPostgres } from '@pipelines/database';
import { startProviderSandbox } from '@pipelines/provider-sandbox';
import { ADMIT_STATEMENT, admissionParameters } from '@pipelines/runs';
import { ApiClient, freePort, ServiceProcess, type RunStatus } from '@pipelines/service-driver';
import { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { load, percentile, type LoadResult } from './load.ts';

const CONNECTIONS = 32;
const TOTAL = 6_000;
const MANY = 500;
const LATENCY_RUNS = 30;
const PATH = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
const WINDOW = { start: '2026-01-05', end: '2026-01-06' };

/**
 * Admissions per second over HTTP beside the same statement through a bare pool, in one run on one PostgreSQL with its
 * durability on: for many organizations and for one; and the time from POST to `running` on an idle worker.
 */
async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'pipelines-bench-'));
  await chmod(directory, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'data') });
  const sandbox = await startProviderSandbox();
  const rootKey = randomBytes(32).toString('base64');
  const environment = {
    DATABASE_URL: postgres.url,
    DATA_DIR: directory,
    ROOT_API_KEY: rootKey,
    CREDENTIALS_KEY: randomBytes(32).toString('base64'),
    OPENAI_BASE_URL: sandbox.endpoints.openai,
    LOG_LEVEL: 'silent',
  };
  const pool = new Pool({ connectionString: postgres.url, max: CONNECTIONS });
  const service = async (role: string) =>
    ServiceProcess.start({ ...environment, ROLE: role }, await freePort(), join(directory, `${role}.log`));
  try {
    await pool.query(`CREATE TABLE public.subscription_limits (org_slug text PRIMARY KEY, status text,
      trial_ends_at timestamptz, daily_limit int, monthly_limit int, concurrent_limit int)`);
    const api = await service('api');
    await givenOrganizations(pool);

    const rows: Record<string, Record<string, string>> = {};
    for (const [name, organizations] of [
      [`${MANY} organizations`, MANY],
      ['one organization', 1],
    ] as const) {
      const org = (index: number) => `bench_${index % organizations}`;
      await statement(pool, org, 500);
      const bare = await statement(pool, org, TOTAL);
      await overHttp(api.baseUrl, rootKey, org, 500);
      const http = await overHttp(api.baseUrl, rootKey, org, TOTAL);
      rows[`${name}: bare statement`] = row(bare);
      rows[`${name}: POST`] = { ...row(http), ratio: (http.perSecond / bare.perSecond).toFixed(2) };
    }
    await api.stop();
    await pool.query(`TRUNCATE pgboss.job; DELETE FROM pipelines.runs`);

    const all = await service('all');
    const client = new ApiClient(all.baseUrl, rootKey);
    await client.call('PUT', 'credentials/bench_0/openai', { secret: sandbox.credentials.openai });
    rows['POST to running, one process'] = await latency(client);
    await all.stop();

    console.table(rows);
  } finally {
    await pool.end();
    await sandbox.close();
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function givenOrganizations(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO public.subscription_limits SELECT 'bench_' || i, 'ACTIVE' FROM generate_series(0, $1) i`,
    [MANY],
  );
  await pool.query(
    `INSERT INTO pipelines.organizations SELECT 'bench_' || i, 'bench' FROM generate_series(0, $1) i`,
    [MANY],
  );
  await pool.query(
    `INSERT INTO pipelines.usage_counters (org_slug, day)
     SELECT 'bench_' || i, (now() AT TIME ZONE 'UTC')::date FROM generate_series(0, $1) i`,
    [MANY],
  );
}

function statement(pool: Pool, org: (index: number) => string, total: number): Promise<LoadResult> {
  return load(total, CONNECTIONS, async (index) => {
    const plan = { dailyLimit: null, monthlyLimit: null, concurrentLimit: null };
    const asked = { runId: uuidv7(), org: org(index), window: WINDOW, ...PATH };
    const { rowCount } = await pool.query(ADMIT_STATEMENT.text, admissionParameters(asked, plan));
    if (rowCount !== 1) throw new Error('The bare statement admitted nothing.');
  });
}

function overHttp(
  baseUrl: string,
  key: string,
  org: (index: number) => string,
  total: number,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const { hostname, port } = new URL(baseUrl);
  const body = JSON.stringify({ date: WINDOW.start });
  return load(total, CONNECTIONS, async (index) => {
    const path = `/api/v1/pipelines/run/${org(index)}/${PATH.provider}/${PATH.domain}/${PATH.pipeline}`;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ agent, hostname, port, path, method: 'POST', headers: { 'x-api-key': key } }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
        .on('error', reject)
        .end(body);
    });
    if (status !== 202) throw new Error(`POST answered ${status}.`);
  }).finally(() => agent.destroy());
}

/** From sending the POST to the instant that the run itself records as its start, on one clock. */
async function latency(client: ApiClient): Promise<Record<string, string>> {
  const latencies: number[] = [];
  for (let runs = 0; runs < LATENCY_RUNS; runs++) {
    const before = Date.now();
    const path = `pipelines/run/bench_0/${PATH.provider}/${PATH.domain}/${PATH.pipeline}`;
    const { run_id } = await client.call<{ run_id: string }>('POST', path, { date: WINDOW.start });
    let run: RunStatus;
    do {
      await delay(20);
      run = await client.call<RunStatus>('GET', `pipelines/status/bench_0/${run_id}`);
    } while (run.status !== 'completed' && run.status !== 'failed');
    if (run.status === 'failed') throw new Error(`The run failed: ${run.error?.message}`);
    latencies.push(Date.parse(run.timestamps.running!) - before);
  }
  latencies.sort((a, b) => a - b);
  return {
    'median ms': percentile(latencies, 0.5).toFixed(1),
    'p99 ms': percentile(latencies, 0.99).toFixed(1),
  };
}

function row({ perSecond, medianMs, p99Ms }: LoadResult): Record<string, string> {
  return { 'per second': perSecond.toFixed(0), 'median ms': medianMs.toFixed(1), 'p99 ms': p99Ms.toFixed(1) };
}

await main();
