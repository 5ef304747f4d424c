import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@pipelines/database';
import {
  EXPORT_TABLES,
  seedGcpExports,
  startProviderSandbox,
  type ProviderSandbox,
} from '@pipelines/provider-sandbox';
import { ApiClient, freePort, Resources, ServiceProcess } from '@pipelines/service-driver';
import { Pool } from 'pg';

/** What the plan of every organization allows. */
export interface PlanLimits {
  readonly daily: number;
  readonly monthly: number;
  readonly concurrent: number;
}

/** Days of usage that the organizations' Google Cloud exports hold. */
export interface BilledDays {
  readonly start: string;
  readonly until: Date;
}

/**
 * A company with its customers: an API process, workers, PostgreSQL, one DuckDB file, and the sandbox of the providers,
 * with a credential of each provider and a billing export of its own for every organization.
 */
export class SaasCompany {
  api!: ApiClient;
  private readonly rootKey = randomBytes(32).toString('base64');
  private readonly credentialsKey = randomBytes(32).toString('base64');

  private constructor(
    private readonly resources: Resources,
    private readonly directory: string,
    private readonly postgres: EmbeddedPostgres,
    private readonly sandbox: ProviderSandbox,
    readonly pool: Pool,
  ) {
    // Connections may still be closing when PostgreSQL stops.
    pool.on('error', () => undefined);
  }

  static start(workers: number): Promise<SaasCompany> {
    return Resources.build(async (resources) => {
      const directory = await resources.add(
        () => mkdtemp(join(tmpdir(), 'pipelines-month-')),
        (made) => rm(made, { recursive: true, force: true }),
      );
      // PostgreSQL may run as another user.
      await chmod(directory, 0o755);
      const postgres = await resources.add(
        () => startEmbeddedPostgres({ dataDirectory: join(directory, 'data') }),
        (started) => started.stop(),
      );
      const sandbox = await resources.add(startProviderSandbox, (started) => started.close());
      const pool = await resources.add(
        async () => new Pool({ connectionString: postgres.url }),
        (made) => made.end(),
      );
      const company = new SaasCompany(resources, directory, postgres, sandbox, pool);
      await pool.query(`CREATE TABLE public.subscription_limits (org_slug text PRIMARY KEY, status text,
        trial_ends_at timestamptz, daily_limit int, monthly_limit int, concurrent_limit int)`);
      const api = await company.join('api', 0);
      company.api = new ApiClient(api.baseUrl, company.rootKey);
      for (let worker = 1; worker <= workers; worker++) await company.join('worker', worker);
      return company;
    });
  }

  /** A new customer, whose exports are filled before any worker opens the warehouse for it. */
  async acquire(org: string, limits: PlanLimits, { start, until }: BilledDays): Promise<void> {
    const { openai, anthropic, gcp } = this.sandbox.credentials;
    const dataset = `${org}_billing`;
    await seedGcpExports(this.warehouse, { dataset, seed: org, start, until });
    await this.api.call('PUT', `organizations/${org}`, { name: org });
    await this.pool.query(`INSERT INTO public.subscription_limits VALUES ($1, 'ACTIVE', NULL, $2, $3, $4)`, [
      org,
      limits.daily,
      limits.monthly,
      limits.concurrent,
    ]);
    const exports = {
      billing_export_table: `${dataset}.${EXPORT_TABLES.detailed.name}`,
      pricing_export_table: `${dataset}.${EXPORT_TABLES.pricing.name}`,
    };
    const secrets = { openai, anthropic, gcp: { ...gcp, ...exports } };
    for (const [provider, secret] of Object.entries(secrets)) {
      await this.api.call('PUT', `credentials/${org}/${provider}`, { secret });
    }
  }

  stop(): Promise<void> {
    return this.resources.close();
  }

  private get warehouse(): string {
    return join(this.directory, 'files', 'warehouse.duckdb');
  }

  private async join(role: 'api' | 'worker', index: number): Promise<ServiceProcess> {
    const { openai, anthropic, gcpBillingCatalog, gcpToken } = this.sandbox.endpoints;
    const environment = {
      ROLE: role,
      DATABASE_URL: this.postgres.url,
      DATA_DIR: join(this.directory, 'files'),
      ROOT_API_KEY: this.rootKey,
      CREDENTIALS_KEY: this.credentialsKey,
      OPENAI_BASE_URL: openai,
      ANTHROPIC_BASE_URL: anthropic,
      GCP_BILLING_CATALOG_BASE_URL: gcpBillingCatalog,
      GCP_TOKEN_URL: gcpToken,
      LOG_LEVEL: 'error',
    };
    const port = await freePort();
    return this.resources.add(
      () => ServiceProcess.start(environment, port, join(this.directory, `${role}-${index}.log`)),
      (started) => started.stop(),
    );
  }
}
