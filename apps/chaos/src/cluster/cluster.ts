import { randomBytes } from 'node:crypto';
import { appendFile, chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  startProviderSandbox,
  type ProviderSandbox,
  type ProviderSandboxOptions,
} from '@pipelines/provider-sandbox';
import { ApiClient, freePort, Resources, ServiceProcess } from '@pipelines/service-driver';
import { Database } from './database.ts';
import { Warehouse } from './warehouse.ts';

const CONFIGS = fileURLToPath(new URL('../../../../configs', import.meta.url));
/** The pipeline that the scenarios run, and the path of the provider's API that it reads. */
export const COSTS = 'openai/cost/costs_daily';
/** Path, below the sandbox, of what {@link COSTS} reads. */
export const COSTS_PATH = '/openai/v1/organization/costs';

/** The plan of an organization; a limit that is absent is none. */
export interface Limits {
  readonly daily?: number;
  readonly monthly?: number;
  readonly concurrent?: number;
}

/** A process of the service admits runs or executes them. */
export type Role = 'api' | 'worker';

/**
 * The service as it runs anywhere: a PostgreSQL, a warehouse, and any number of API and worker processes, with a
 * sandbox in the place of the providers. It owns all of them, and a directory that is gone in the end.
 */
export class Cluster {
  private readonly rootKey = randomBytes(32).toString('base64');
  private readonly credentialsKey = randomBytes(32).toString('base64');
  private readonly running: Record<Role, ServiceProcess[]> = { api: [], worker: [] };
  private started = 0;
  private plans: Database;

  private constructor(
    private readonly resources: Resources,
    private readonly directory: string,
    readonly database: Database,
    readonly sandbox: ProviderSandbox,
    readonly warehouse: Warehouse,
  ) {
    this.plans = database;
  }

  /** Starts all but the service's own processes. */
  static start(provider?: ProviderSandboxOptions): Promise<Cluster> {
    return Resources.build(async (resources) => {
      const directory = await resources.add(
        () => mkdtemp(join(tmpdir(), 'pipelines-chaos-')),
        // A process that was killed may still be writing.
        (made) => rm(made, { recursive: true, force: true, maxRetries: 10 }),
      );
      // PostgreSQL may run as another user, and a temporary directory is closed to others.
      await chmod(directory, 0o755);
      await cp(CONFIGS, join(directory, 'configs'), { recursive: true });
      // A failure of the provider or the database is tried again sooner than a person would want it.
      await appendFile(join(directory, 'configs', `${COSTS}.yml`), '\nretry:\n  limit: 10\n  delay: 1s\n');
      const database = await startDatabase(resources, join(directory, 'data'));
      const sandbox = await resources.add(
        () => startProviderSandbox(provider),
        (started) => started.close(),
      );
      const warehouse = new Warehouse(join(directory, 'warehouse.duckdb'));
      return new Cluster(resources, directory, database, sandbox, warehouse);
    });
  }

  /** Moves the plans of organizations to come into a PostgreSQL of their own, which processes that join read. */
  async separatePlans(): Promise<Database> {
    this.plans = await startDatabase(this.resources, join(this.directory, 'plans'));
    return this.plans;
  }

  /** Whether the cluster is being closed, or has been. */
  get closed(): boolean {
    return this.resources.areClosing;
  }

  /** The API processes that run now. */
  get apis(): readonly ServiceProcess[] {
    return this.running.api;
  }

  /** The worker processes that run now. */
  get workers(): readonly ServiceProcess[] {
    return this.running.worker;
  }

  /** Starts a process of the role, with settings beside those that every process has, and waits until it is ready. */
  async join(role: Role, settings: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const environment = {
      DATABASE_URL: this.database.url,
      SUPABASE_DB_URL: this.plans.url,
      DATA_DIR: this.directory,
      CONFIGS_DIR: join(this.directory, 'configs'),
      CREDENTIALS_KEY: this.credentialsKey,
      ROOT_API_KEY: this.rootKey,
      OPENAI_BASE_URL: this.sandbox.endpoints.openai,
      LOG_LEVEL: 'warn',
      // Processes come and go here by the hundred.
      NODE_COMPILE_CACHE: join(this.directory, 'compile-cache'),
      ROLE: role,
      ...settings,
    };
    const port = await freePort();
    const process = await this.resources.add(
      () => ServiceProcess.start(environment, port, join(this.directory, `${role}-${++this.started}.log`)),
      // A stopped process holds SIGTERM back until it is continued; nothing that dies here is needed any more.
      (started) => started.kill('SIGKILL'),
    );
    this.running[role].push(process);
    if (this.running.api.length + this.running.worker.length === 1) await this.stopClock();
    return process;
  }

  /** What counts by the day must not start again under a scenario that runs over midnight. */
  private async stopClock(): Promise<void> {
    await this.database.query(`
      DO $do$ BEGIN EXECUTE format(
        $$CREATE OR REPLACE FUNCTION pipelines.utc_now() RETURNS timestamptz LANGUAGE sql STABLE
          AS 'SELECT timestamptz ''%s'' '$$, now());
      END $do$`);
  }

  /** SIGKILL, at whatever the process is doing. */
  async kill(process: ServiceProcess): Promise<void> {
    this.forget(process);
    await process.kill('SIGKILL');
  }

  /** SIGTERM; resolves with the exit code once the process has ended. */
  async stop(process: ServiceProcess): Promise<number | null> {
    this.forget(process);
    return process.stop();
  }

  /** SIGSTOP: the process lives, and does nothing until {@link thaw}. */
  freeze({ pid }: ServiceProcess): void {
    process.kill(pid, 'SIGSTOP');
  }

  /** SIGCONT. */
  thaw({ pid }: ServiceProcess): void {
    process.kill(pid, 'SIGCONT');
  }

  /** An organization with a plan and the sandbox's credential; resolves with a key of it. Needs an API process. */
  async givenOrganization(org: string, { daily, monthly, concurrent }: Limits = {}): Promise<string> {
    const root = this.client(this.rootKey);
    await root.call('PUT', `organizations/${org}`, { name: org });
    await root.call('PUT', `credentials/${org}/openai`, { secret: this.sandbox.credentials.openai });
    await this.plans.query(
      `INSERT INTO public.subscription_limits (org_slug, status, daily_limit, monthly_limit, concurrent_limit)
       VALUES ($1, 'ACTIVE', $2, $3, $4)`,
      [org, daily, monthly, concurrent],
    );
    const { key } = await root.call<{ key: string }>('POST', `organizations/${org}/keys`, {
      scopes: ['run', 'read'],
    });
    return key;
  }

  /** A client of an API process, the first one unless another is named. */
  client(key: string, api: ServiceProcess = this.running.api[0]!): ApiClient {
    return new ApiClient(api.baseUrl, key);
  }

  /** Ends everything that was started, and removes what it left. A second call waits for the first. */
  close(): Promise<void> {
    return this.resources.close();
  }

  private forget(process: ServiceProcess): void {
    for (const role of ['api', 'worker'] as const) {
      this.running[role] = this.running[role].filter((other) => other !== process);
    }
  }
}

/** A database with a table of plans. */
async function startDatabase(resources: Resources, dataDirectory: string): Promise<Database> {
  const database = await resources.add(
    () => Database.start(dataDirectory),
    (started) => started.stop(),
  );
  await database.query(
    `CREATE TABLE public.subscription_limits (org_slug text PRIMARY KEY, status text, trial_ends_at timestamptz,
       daily_limit int, monthly_limit int, concurrent_limit int)`,
  );
  return database;
}
