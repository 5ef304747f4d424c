import { Inject, Injectable } from '@nestjs/common';
import {
  assertLoad,
  mergeKeyError,
  PipelineError,
  Warehouse,
  type CommitReceipt,
  type EarlierLoad,
  type Load,
  type Row,
  type StagedTotals,
  type WarehousePlace,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { BIGQUERY_LOADER_OPTIONS, type BigQueryLoaderOptions } from './bigquery-loader.options.ts';
import { toPipelineError } from './bigquery.errors.ts';
import { checkStatement, toStagedTotals, type Measure } from './check-statement.ts';
import { readCommitCounts } from './commit-counts.ts';
import { commitStatement, MERGE_KEY_NOT_UNIQUE } from './commit-statement.ts';
import { Connections, type Connection } from './connections.ts';
import { jobId } from './job-id.ts';
import { jobLabels } from './job-labels.ts';
import { loadRows } from './load-job.ts';
import { DECIMAL_SIZES } from './schema-mapping.ts';
import { stageQueryStatement } from './stage-query-statement.ts';

const TEBIBYTE = 2n ** 40n;

/**
 * BigQuery as the warehouse: rows arrive by one load job into the attempt's staging table, a commit is one script in
 * a transaction whose job id is made of the run id, which is how it happens once.
 */
@Injectable()
export class BigQueryWarehouse extends Warehouse {
  readonly engine = 'bigquery';
  readonly decimalScale = DECIMAL_SIZES.BIGNUMERIC.scale;
  override readonly credentialProvider = 'gcp';
  private readonly connections: Connections;

  constructor(@Inject(BIGQUERY_LOADER_OPTIONS) private readonly options: BigQueryLoaderOptions) {
    super();
    this.connections = new Connections(options);
  }

  override resolvePlace({ project, location }: WarehousePlace): WarehousePlace {
    return { project: project ?? this.options.projectId, location: location ?? this.options.location };
  }

  override async stageRows(load: Load, batches: AsyncIterable<readonly Row[]>): Promise<void> {
    const { client, jobs, tables } = await this.connectFor(load);
    await tables.ensureDataset(load);
    await tables.createStaging(load);
    await loadRows(client, jobs, load, batches);
  }

  override async stageQuery(load: Load, query: WarehouseQuery): Promise<void> {
    const { jobs, tables, project } = await this.connectFor(load);
    await tables.ensureDataset(load);
    await tables.createStaging(load);
    const sql = stageQueryStatement(project, load, query.sql);
    await jobs.run(
      (submission) => jobId.stageQuery(load, submission),
      { labels: jobLabels(load), query: this.queryConfiguration(sql, query.parameters) },
      load.signal,
    );
  }

  override async check(load: Load): Promise<StagedTotals> {
    const { client, project, location } = await this.connectFor(load);
    try {
      const [measures] = await client.query({
        query: checkStatement(project, load),
        location,
        labels: jobLabels(load),
        maximumBytesBilled: this.maximumBytesBilled,
      });
      return toStagedTotals(measures as Measure[]);
    } catch (error) {
      throw toPipelineError(error);
    }
  }

  override async commit(load: Load): Promise<CommitReceipt> {
    const { client, jobs, tables, project, location } = await this.connectFor(load);
    const earlier = await this.findCommit(load);
    if (earlier) return earlier;
    await tables.ensureTarget(load);
    load.signal.throwIfAborted();
    const sql = commitStatement(project, load);
    const parameters = { run_id: load.runId, pipeline: load.pipeline, loaded_at: load.loadedAt };
    // From here the signal is not heeded: the outcome lies in the target, and a run must not end without knowing it.
    const job = await jobs
      .run((submission) => jobId.commit(load, submission), {
        labels: jobLabels(load),
        query: this.queryConfiguration(sql, parameters),
      })
      .catch((error: unknown) => {
        throw isMergeKeyFailure(error) ? mergeKeyError(load.target, error) : error;
      });
    const counts = await readCommitCounts(client, job.id, location);
    return { ...counts, jobIds: [job.id], alreadyCommitted: !job.ours };
  }

  override async findCommit(load: EarlierLoad): Promise<CommitReceipt | undefined> {
    load.signal.throwIfAborted();
    const { client, jobs, location } = await this.connections.of(load);
    // As in a commit, the signal does not cut the wait for a running job short.
    const id = await jobs.findSucceeded((submission) => jobId.commit(load, submission));
    if (id === undefined) return undefined;
    const counts = await readCommitCounts(client, id, location);
    return { ...counts, jobIds: [id], alreadyCommitted: true };
  }

  override async discard(load: EarlierLoad): Promise<void> {
    const { tables } = await this.connections.of(load);
    await tables.dropStaging(load);
  }

  /** A dry run costs nothing and proves endpoint, credentials and the right to run jobs. */
  override async ping(): Promise<void> {
    const { client, location } = await this.connections.of({});
    try {
      await client.createQueryJob({ query: 'SELECT 1', location, dryRun: true });
    } catch (error) {
      throw toPipelineError(error);
    }
  }

  private get maximumBytesBilled(): string {
    return String(this.options.maximumBytesBilled ?? TEBIBYTE);
  }

  private queryConfiguration(query: string, parameters: Readonly<Record<string, string>>): object {
    return {
      query,
      useLegacySql: false,
      maximumBytesBilled: this.maximumBytesBilled,
      parameterMode: 'NAMED',
      queryParameters: Object.entries(parameters).map(([name, value]) => ({
        name,
        parameterType: { type: 'STRING' },
        parameterValue: { value },
      })),
    };
  }

  private async connectFor(load: Load): Promise<Connection> {
    assertLoad(load);
    load.signal.throwIfAborted();
    return this.connections.of(load);
  }
}

function isMergeKeyFailure(error: unknown): boolean {
  return error instanceof PipelineError && error.operatorDetail?.includes(MERGE_KEY_NOT_UNIQUE) === true;
}
