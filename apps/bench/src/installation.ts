import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@pipelines/database';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import { ApiClient, freePort, Resources, ServiceProcess } from '@pipelines/service-driver';
import { Pool } from 'pg';
import { NoopWorker } from './noop-worker/noop-worker.ts';

/** HTTP requests, and statements of the bare pool, under way at once. */
export const CONNECTIONS = 32;

/** Organizations that share a load evenly; all are called `bench_<number>`. */
export const ORGANIZATIONS = 500;

/** The pipeline that is run, and the day it is run for. */
export const PIPELINE = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
export const WINDOW = { start: '2026-01-05', end: '2026-01-06' };

/**
 * A PostgreSQL with its durability on, the sandbox of the providers, and whatever processes of the service a measurement
 * starts on them. Plans are unlimited and read from a table, as from a database of somebody else.
 */
export class Installation {
  /** As many connections as there are requests, so that the bare statement never waits for one. */
  readonly pool: Pool;
  readonly rootKey = randomBytes(32).toString('base64');
  readonly environment: Readonly<Record<string, string>>;

  private constructor(
    private readonly resources: Resources,
    private readonly directory: string,
    postgres: EmbeddedPostgres,
    private readonly sandbox: ProviderSandbox,
    pool: Pool,
  ) {
    this.pool = pool;
    // Connections may still be closing when PostgreSQL stops.
    pool.on('error', () => undefined);
    this.environment = {
      DATABASE_URL: postgres.url,
      DATA_DIR: directory,
      ROOT_API_KEY: this.rootKey,
      CREDENTIALS_KEY: randomBytes(32).toString('base64'),
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      LOG_LEVEL: 'silent',
    };
  }

  static start(this: void): Promise<Installation> {
    return Resources.build(async (resources) => {
      const directory = await resources.add(
        () => mkdtemp(join(tmpdir(), 'pipelines-bench-')),
        (made) => rm(made, { recursive: true, force: true }),
      );
      await chmod(directory, 0o755);
      const postgres = await resources.add(
        () => startEmbeddedPostgres({ dataDirectory: join(directory, 'data') }),
        (started) => started.stop(),
      );
      const sandbox = await resources.add(startProviderSandbox, (started) => started.close());
      const pool = await resources.add(
        async () => new Pool({ connectionString: postgres.url, max: CONNECTIONS }),
        (made) => made.end(),
      );
      const installation = new Installation(resources, directory, postgres, sandbox, pool);
      await installation.createOrganizations();
      return installation;
    });
  }

  /** A process of the service as it runs anywhere else, ready to serve. */
  async service(
    role: 'all' | 'api' | 'worker',
    settings: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess> {
    const environment = { ...this.environment, ...settings, ROLE: role };
    const log = join(this.directory, `${role}.log`);
    const port = await freePort();
    return this.resources.add(
      () => ServiceProcess.start(environment, port, log),
      (started) => started.stop(),
    );
  }

  /** A worker whose runs have nothing to do. */
  async noopWorker(concurrency: number): Promise<NoopWorker> {
    return this.resources.add(
      () => NoopWorker.start(this.environment, concurrency),
      (started) => started.stop(),
    );
  }

  client({ baseUrl }: ServiceProcess): ApiClient {
    return new ApiClient(baseUrl, this.rootKey);
  }

  /** Stores the sandbox's credential for the first organizations. */
  async storeCredentials(client: ApiClient, organizations: number): Promise<void> {
    for (let index = 0; index < organizations; index++) {
      await client.call('PUT', `credentials/bench_${index}/openai`, {
        secret: this.sandbox.credentials.openai,
      });
    }
  }

  /** Leaves no run and no job behind, and the tables as small as they were. */
  async forgetRuns(): Promise<void> {
    await this.pool.query(`TRUNCATE pgboss.job; TRUNCATE pipelines.runs CASCADE;
      UPDATE pipelines.usage_counters SET concurrent_count = 0`);
  }

  /** Also stops the processes that a measurement which failed has left. */
  stop(): Promise<void> {
    return this.resources.close();
  }

  private async createOrganizations(): Promise<void> {
    await this.pool.query(`CREATE TABLE public.subscription_limits (org_slug text PRIMARY KEY, status text,
      trial_ends_at timestamptz, daily_limit int, monthly_limit int, concurrent_limit int)`);
    // The first process makes the tables.
    await (await this.service('api')).stop();
    const numbers = `FROM generate_series(0, ${ORGANIZATIONS - 1}) AS number`;
    await this.pool.query(
      `INSERT INTO public.subscription_limits SELECT 'bench_' || number, 'ACTIVE' ${numbers};
       INSERT INTO pipelines.organizations SELECT 'bench_' || number, 'bench' ${numbers};
       INSERT INTO pipelines.usage_counters (org_slug, day)
         SELECT 'bench_' || number, (pipelines.utc_now() AT TIME ZONE 'UTC')::date ${numbers};
       ANALYZE`,
    );
  }
}
