import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithBigQueryEmulator } from '@pipelines/bigquery-loader/testing';
import {
  createBigQueryClient,
  startBigQueryEmulator,
  type BigQueryEmulator,
} from '@pipelines/bigquery-loader/testing/emulator';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { RunStatus, ServiceProcess } from '@pipelines/service-driver';
import { TestService } from './testing/test-service.ts';
import { startBeside } from './testing/test-worker.ts';
import { untilEnded } from './testing/until-ended.ts';

/** Its amounts are whole numbers: the emulator keeps 18 fraction digits. */
const USAGE = 'openai/api/usage_images';
const TWENTY_DAYS = { start_date: '2026-01-01', end_date: '2026-01-21', max_concurrent: 10 };
const DEADLINE_MS = 400_000;
const BIGQUERY = { projectId: 'test-project', location: 'US' };

interface Backfill {
  readonly backfill_id: string;
  readonly status: RunStatus['status'];
  readonly runs: Readonly<Record<string, number>>;
  readonly links: { readonly runs: string };
}

/** Loads twenty days into one table, ten at once, by two workers. */
describe('a backfill whose runs commit to one table', () => {
  let sandbox: ProviderSandbox;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
  });
  afterAll(() => sandbox.close());

  /** Closes what a case has started, the last first. */
  const closing: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function load(settings: Readonly<Record<string, string>>): Promise<{
    readonly workers: readonly ServiceProcess[];
    readonly runs: readonly RunStatus[];
  }> {
    const service = await TestService.start({
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      ROLE: 'api',
      WORKER_CONCURRENCY: '5',
      ...settings,
    });
    closing.push(() => service.stop());
    const workers: ServiceProcess[] = [];
    for (const name of ['worker-1', 'worker-2']) {
      const worker = await startBeside(service, 'worker', name);
      closing.push(async () => void (await worker.stop()));
      workers.push(worker);
    }
    const api = await service.givenOrganization('acme', { openai: sandbox.credentials.openai });
    const { backfill_id: id } = await api.call<Backfill>(
      'POST',
      `pipelines/backfill/acme/${USAGE}`,
      TWENTY_DAYS,
    );
    const ended = await untilEnded<Backfill>(api, 'acme', id, DEADLINE_MS);
    const { runs } = await api.call<{ runs: RunStatus[] }>('GET', ended.links.runs.replace('/api/v1/', ''));
    expect(runs.map(({ error }) => error).filter(Boolean)).toEqual([]);
    expect(ended).toMatchObject({ status: 'completed', runs: { total: 20, completed: 20 } });
    expect(await service.database.dataSource.query('SELECT * FROM pipelines.commit_turns')).toEqual([]);
    return { workers, runs };
  }

  it(
    'completes each run at its first attempt in DuckDB, with no commit refused',
    async () => {
      const loaded = await load({});

      expect(loaded.runs.map(({ attempt }) => attempt)).toEqual(Array(20).fill(1));
      const log = loaded.workers.map(({ output }) => output).join('\n');
      expect(log).not.toMatch(/is tried again|warehouse_/);
    },
    DEADLINE_MS,
  );

  describeWithBigQueryEmulator('a backfill into BigQuery', () => {
    let emulator: BigQueryEmulator;

    beforeAll(async () => {
      emulator = await startBigQueryEmulator({ transactionMs: 300 });
    }, 120_000);
    afterAll(() => emulator.stop());

    it(
      'completes each run at its first attempt in BigQuery, with one commit job and none aborted',
      async () => {
        const loaded = await load({
          WAREHOUSE: 'bigquery',
          BIGQUERY_PROJECT: BIGQUERY.projectId,
          BIGQUERY_LOCATION: BIGQUERY.location,
          BIGQUERY_API_ENDPOINT: emulator.url,
        });

        expect(loaded.runs.map(({ attempt }) => attempt)).toEqual(Array(20).fill(1));
        const client = await createBigQueryClient({ ...BIGQUERY, apiEndpoint: emulator.url });
        const [jobs] = await client.getJobs();
        // An aborted commit would have been submitted again, as `…_commit_2`.
        const submissions = jobs.flatMap(({ id }) => /_commit_(\d+)$/.exec(id!)?.[1] ?? []);
        expect(submissions).toEqual(Array(20).fill('1'));
      },
      DEADLINE_MS,
    );
  });
});
