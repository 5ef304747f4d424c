import { createBigQueryClient, startBigQueryEmulator } from '@pipelines/bigquery-loader/testing/emulator';
import { Resources } from '@pipelines/service-driver';
import { BigQueryProxy } from './bigquery-proxy.ts';
import {
  selectCosts,
  toLoadedRow,
  type HeldCommit,
  type LoadedRow,
  type TargetWarehouse,
} from './target-warehouse.ts';

const PROJECT = 'test-project';
const LOCATION = 'US';
const COMMIT_JOB = /^pl_(.+)_commit_\d+$/;

type Client = Awaited<ReturnType<typeof createBigQueryClient>>;

/** A BigQuery on this machine, behind a network that is ours. */
export class EmulatedBigQuery implements TargetWarehouse {
  private constructor(
    private readonly resources: Resources,
    private readonly proxy: BigQueryProxy,
    private readonly client: Client,
  ) {}

  /** @throws Error when the emulator is not installed, with how to install it. */
  static async start(): Promise<EmulatedBigQuery> {
    return Resources.build(async (resources) => {
      const emulator = await resources.add(startBigQueryEmulator, (started) => started.stop());
      const client = await createBigQueryClient({
        projectId: PROJECT,
        location: LOCATION,
        apiEndpoint: emulator.url,
      });
      const proxy = await resources.add(
        () => BigQueryProxy.start(emulator.url),
        (started) => started.close(),
      );
      return new EmulatedBigQuery(resources, proxy, client);
    });
  }

  /** Settings of the processes that load into it. */
  get settings(): Readonly<Record<string, string>> {
    return {
      WAREHOUSE: 'bigquery',
      BIGQUERY_PROJECT: PROJECT,
      BIGQUERY_LOCATION: LOCATION,
      BIGQUERY_API_ENDPOINT: this.proxy.url,
    };
  }

  /** Keeps the next commit on its way to BigQuery, whatever becomes of the worker that sent it. */
  async holdNextCommit(): Promise<HeldCommit> {
    return this.proxy.holdNextCommit();
  }

  async committedRuns(): Promise<string[]> {
    const [jobs] = await this.client.getJobs();
    return jobs.flatMap(({ id, metadata }) => {
      const { state, errorResult } = metadata.status;
      const [, run] = COMMIT_JOB.exec(id!) ?? [];
      return run !== undefined && state === 'DONE' && !errorResult ? [run] : [];
    });
  }

  async costsOf(org: string): Promise<LoadedRow[]> {
    const [rows] = await this.client.query(selectCosts(org));
    return (rows as Record<string, unknown>[]).map(toLoadedRow);
  }

  stop(): Promise<void> {
    return this.resources.close();
  }
}
