import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@pipelines/database';
import type { RunWindow } from '@pipelines/pipeline';
import { ApiClient, freePort, Resources, ServiceProcess, type RunStatus } from '@pipelines/service-driver';
import { Client } from 'pg';
import { cpuSeconds, peakResidentMb } from './process-usage.ts';

const PIPELINE = 'openai/cost/costs_daily';
const configuration = (pageDays: number) => `
pipeline: { name: costs_daily, provider: openai, domain: cost }
processor:
  class: OpenAiCostsProcessor
  module: '@pipelines/processors-openai'
  options: { page_days: ${pageDays} }
target:
  dataset: '{{org_slug}}_{{env}}'
  table: openai_costs
  write_disposition: replace_partitions
timeout: 12h
`;
const POLL_MS = 100;

/** What one run took. */
export interface LoadedRun {
  readonly rows: number;
  /** From the start of extraction to the end of the commit, as the run itself records it. */
  readonly seconds: number;
  /** Processor time of the worker in that run. */
  readonly cpuSeconds: number;
  /** The worker's peak since it started. */
  readonly peakMb: number;
}

/** The service as two processes, of which the worker is measured, on a PostgreSQL and a DuckDB file of their own. */
export class LoadingService {
  private api!: ServiceProcess;
  private worker!: ServiceProcess;
  private readonly rootKey = randomBytes(32).toString('base64');
  private readonly credentialsKey = randomBytes(32).toString('base64');

  private constructor(
    private readonly resources: Resources,
    readonly directory: string,
    private readonly postgres: EmbeddedPostgres,
  ) {}

  /** @param pageDays Days in one page of the provider, the pipeline's `page_days`. */
  static start(pageDays: number): Promise<LoadingService> {
    return Resources.build(async (resources) => {
      const directory = await resources.add(
        () => mkdtemp(join(tmpdir(), 'pipelines-bench-')),
        (made) => rm(made, { recursive: true, force: true }),
      );
      // PostgreSQL may run as another user.
      await chmod(directory, 0o755);
      const configs = join(directory, 'configs/openai/cost');
      await mkdir(configs, { recursive: true });
      await writeFile(join(configs, 'costs_daily.yml'), configuration(pageDays));
      const postgres = await resources.add(
        () => startEmbeddedPostgres({ dataDirectory: join(directory, 'data') }),
        (started) => started.stop(),
      );
      const service = new LoadingService(resources, directory, postgres);
      await service.query(`CREATE TABLE public.subscription_limits (org_slug text PRIMARY KEY, status text,
        trial_ends_at timestamptz, daily_limit int, monthly_limit int, concurrent_limit int)`);
      return service;
    });
  }

  /** Starts both processes anew, so that the worker's peak is that of what follows. */
  async restart(openAiBaseUrl: string): Promise<void> {
    await Promise.all([this.api?.stop(), this.worker?.stop()]);
    const environment = {
      DATABASE_URL: this.postgres.url,
      DATA_DIR: join(this.directory, 'files'),
      CONFIGS_DIR: join(this.directory, 'configs'),
      ROOT_API_KEY: this.rootKey,
      CREDENTIALS_KEY: this.credentialsKey,
      OPENAI_BASE_URL: openAiBaseUrl,
      LOG_LEVEL: 'warn',
    };
    const start = async (role: string): Promise<ServiceProcess> => {
      const port = await freePort();
      const log = join(this.directory, `${role}.log`);
      return this.resources.add(
        () => ServiceProcess.start({ ...environment, ROLE: role }, port, log),
        (started) => started.stop(),
      );
    };
    this.api = await start('api');
    this.worker = await start('worker');
  }

  /** The most memory that the worker has had since it was started. */
  get workerPeakMb(): number {
    return peakResidentMb(this.worker.pid);
  }

  /** Loads the window for a new organization, which is to say into an empty table, or again into a full one. */
  async load(org: string, { start, end }: RunWindow): Promise<LoadedRun> {
    const client = new ApiClient(this.api.baseUrl, this.rootKey);
    await client.call('PUT', `organizations/${org}`, { name: org });
    await client.call('PUT', `credentials/${org}/openai`, {
      secret: { api_key: 'sk-admin-bench-0123456789' },
    });
    await this.query(
      `INSERT INTO public.subscription_limits VALUES ('${org}', 'ACTIVE') ON CONFLICT DO NOTHING`,
    );
    const before = cpuSeconds(this.worker.pid);
    const { run_id } = await client.call<{ run_id: string }>('POST', `pipelines/run/${org}/${PIPELINE}`, {
      start_date: start,
      end_date: end,
    });
    let run: RunStatus;
    do {
      if (!this.worker.runs) throw new Error(`The worker ended:\n${this.worker.output}`);
      await delay(POLL_MS);
      run = await client.call<RunStatus>('GET', `pipelines/status/${org}/${run_id}`);
    } while (run.status !== 'completed' && run.status !== 'failed');
    if (!run.receipt)
      throw new Error(`The run failed: ${run.error?.code}: ${run.error?.message}\n${this.worker.output}`);
    return {
      rows: run.receipt.rows.committed,
      seconds: (Date.parse(run.timestamps.completed!) - Date.parse(run.timestamps.running!)) / 1000,
      cpuSeconds: cpuSeconds(this.worker.pid) - before,
      peakMb: this.workerPeakMb,
    };
  }

  stop(): Promise<void> {
    return this.resources.close();
  }

  private async query(sql: string): Promise<void> {
    const client = new Client(this.postgres.url);
    try {
      await client.connect();
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
}
