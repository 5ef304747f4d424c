import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@pipelines/database/testing';
import { ApiClient, freePort, ServiceProcess } from '@pipelines/service-driver';
import { readWarehouse } from './warehouse.ts';

const CONFIGS = fileURLToPath(new URL('../../../../configs', import.meta.url));

export interface Limits {
  readonly status?: string;
  readonly daily_limit?: number | null;
  readonly monthly_limit?: number | null;
  readonly concurrent_limit?: number | null;
}

/** The built service on an external database that has plans of its own, with a directory and a port of its own. */
export class TestService {
  readonly rootKey = randomBytes(32).toString('base64');
  private readonly credentialsKey = randomBytes(32).toString('base64');
  private process!: ServiceProcess;

  private constructor(
    readonly directory: string,
    readonly database: TestDatabase,
    private readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** @param settings Environment variables beside those that every test needs. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<TestService> {
    const directory = await mkdtemp(join(tmpdir(), 'pipelines-e2e-'));
    await cp(CONFIGS, join(directory, 'configs'), { recursive: true });
    const database = await createTestDatabase();
    // What counts by the day must not start again under a spec that runs over midnight.
    await database.setClock(new Date().toISOString());
    await database.dataSource.query(`
      CREATE TABLE public.subscription_limits (
        org_slug text PRIMARY KEY, status text, trial_ends_at timestamptz,
        daily_limit int, monthly_limit int, concurrent_limit int)`);
    const service = new TestService(directory, database, await freePort(), settings);
    await service.restart();
    return service;
  }

  get configsDirectory(): string {
    return join(this.directory, 'configs');
  }

  get warehousePath(): string {
    return join(this.directory, 'warehouse.duckdb');
  }

  get baseUrl(): string {
    return this.process.baseUrl;
  }

  get output(): string {
    return this.process.output;
  }

  get root(): ApiClient {
    return new ApiClient(this.baseUrl, this.rootKey);
  }

  /** Stops the process if one runs, with the signal, and starts another on the same state. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.process?.kill(signal);
    this.process = await ServiceProcess.start(
      this.environment,
      this.port,
      join(this.directory, 'service.log'),
    );
  }

  /** The settings by which any process joins this service. */
  get environment(): Readonly<Record<string, string>> {
    return {
      DATA_DIR: this.directory,
      DATABASE_URL: this.database.url,
      CREDENTIALS_KEY: this.credentialsKey,
      ROOT_API_KEY: this.rootKey,
      CONFIGS_DIR: this.configsDirectory,
      ...this.settings,
    };
  }

  async stop(): Promise<void> {
    await this.process.stop();
    await this.database.drop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The organization with its plan and credentials; resolves with a client that holds a key of it. */
  async givenOrganization(
    org: string,
    credentials: Readonly<Record<string, object>> = {},
    limits: Limits = {},
  ): Promise<ApiClient> {
    await this.root.call('PUT', `organizations/${org}`, { name: org });
    await this.setPlan(org, limits);
    for (const [provider, secret] of Object.entries(credentials)) {
      await this.root.call('PUT', `credentials/${org}/${provider}`, { secret });
    }
    const { key } = await this.root.call<{ key: string }>('POST', `organizations/${org}/keys`, {
      scopes: ['run', 'read'],
    });
    return new ApiClient(this.baseUrl, key);
  }

  /** Writes the plan as the operator of the Supabase database would. */
  async setPlan(org: string, limits: Limits): Promise<void> {
    const { status = 'ACTIVE', daily_limit = null, monthly_limit = null, concurrent_limit = null } = limits;
    await this.database.dataSource.query(
      `INSERT INTO public.subscription_limits (org_slug, status, daily_limit, monthly_limit, concurrent_limit)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (org_slug) DO UPDATE SET (status, daily_limit, monthly_limit, concurrent_limit) =
         (EXCLUDED.status, EXCLUDED.daily_limit, EXCLUDED.monthly_limit, EXCLUDED.concurrent_limit)`,
      [org, status, daily_limit, monthly_limit, concurrent_limit],
    );
  }

  async concurrentCount(org: string): Promise<number> {
    const [row] = await this.database.dataSource.query<{ concurrent_count: number }[]>(
      'SELECT concurrent_count FROM pipelines.usage_counters WHERE org_slug = $1',
      [org],
    );
    return row!.concurrent_count;
  }

  /** Rows of a query on the DuckDB file, every value as text. */
  rows(sql: string): Promise<Record<string, string | null>[]> {
    return readWarehouse(this.warehousePath, sql);
  }
}
