import type { BigQuery } from '@google-cloud/bigquery';
import { Inject, Injectable } from '@nestjs/common';
import {
  assertLoad,
  mergeKeyError,
  PipelineError,
  Warehouse,
  type CommitReceipt,
  type EarlierLoad,
  type Load,
  type LoadProof,
  type Row,
  type StagedTotals,
  type StageReceipt,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { createBigQueryClient } from './bigquery-client.factory.ts';
import { BIGQUERY_LOADER_OPTIONS, type BigQueryLoaderOptions } from './bigquery-loader.options.ts';
import { toPipelineError } from './bigquery.errors.ts';
import { checkStatement, toStagedTotals, type Measure } from './check-statement.ts';
import { findCommit, LEDGER_TABLE } from './commit-ledger.ts';
import { commitStatement, REFUSAL } from './commit-statement.ts';
import { jobId } from './job-id.ts';
import { jobLabels } from './job-labels.ts';
import { Jobs } from './jobs.ts';
import { loadRows } from './load-job.ts';
import { DECIMAL_SIZES } from './schema-mapping.ts';
import { stageQueryStatement } from './stage-query-statement.ts';
import { Tables } from './tables.ts';

const TEBIBYTE = 2n ** 40n;

/** What the verbs work with; made at first use, because the client is imported lazily. */
interface Connection {
  readonly client: BigQuery;
  readonly jobs: Jobs;
  readonly tables: Tables;
}

/**
 * BigQuery as the warehouse: rows arrive by one load job into the attempt's staging table, a commit is one script in
 * a transaction whose job id is made of the run id, which is how it happens once.
 */
@Injectable()
export class BigQueryWarehouse extends Warehouse {
  readonly engine = 'bigquery';
  readonly decimalScale = DECIMAL_SIZES.BIGNUMERIC.scale;
  private connection?: Promise<Connection>;

  constructor(@Inject(BIGQUERY_LOADER_OPTIONS) private readonly options: BigQueryLoaderOptions) {
    super();
  }

  override async stageRows(load: Load, batches: AsyncIterable<readonly Row[]>): Promise<StageReceipt> {
    const { client, jobs, tables } = await this.connectFor(load);
    await tables.ensureDataset(load);
    await tables.createStaging(load);
    return loadRows(client, jobs, load, batches);
  }

  override async stageQuery(load: Load, query: WarehouseQuery): Promise<StageReceipt> {
    const { jobs, tables } = await this.connectFor(load);
    await tables.ensureDataset(load);
    await tables.createStaging(load);
    const sql = stageQueryStatement(this.options.projectId, load, query.sql);
    const { id, bytesProcessed } = await jobs.run(
      (submission) => jobId.stageQuery(load, submission),
      () => ({ labels: jobLabels(load), query: this.queryConfiguration(sql, query.parameters) }),
      load.signal,
    );
    return { bytesStaged: 0, bytesProcessed, jobIds: [id] };
  }

  override async check(load: Load): Promise<StagedTotals> {
    const { client } = await this.connectFor(load);
    try {
      const [measures] = await client.query({
        query: checkStatement(this.options.projectId, load),
        location: this.options.location,
        labels: jobLabels(load),
        maximumBytesBilled: this.maximumBytesBilled,
      });
      return toStagedTotals(measures as Measure[]);
    } catch (error) {
      throw toPipelineError(error);
    }
  }

  override async commit(load: Load, proof: LoadProof): Promise<CommitReceipt> {
    const { client, jobs, tables } = await this.connectFor(load);
    const earlier = await this.findCommit(load);
    if (earlier) return earlier;
    await tables.ensureTarget(load);
    await tables.ensureLedger(load);
    load.signal.throwIfAborted();
    const sql = commitStatement(this.options.projectId, load);
    const configurationOf = (id: string) => ({
      labels: jobLabels(load),
      query: this.queryConfiguration(sql, {
        run_id: load.runId,
        attempt: String(load.attempt),
        pipeline: load.pipeline,
        loaded_at: load.loadedAt,
        job_id: id,
        proof: JSON.stringify(proof),
      }),
    });
    // From here the signal is not heeded: the outcome lies in the target, and a run must not end without knowing it.
    const failure = await jobs
      .run((submission) => jobId.commit(load, submission), configurationOf)
      .then(
        (job) => entryMissing(job.id, load),
        (error: unknown) => commitError(error, load),
      );
    // The job may have failed after its transaction took effect, or because that of an earlier one had.
    const receipt = await findCommit(client, load);
    if (!receipt) throw failure;
    return receipt;
  }

  override async findCommit(load: EarlierLoad): Promise<CommitReceipt | undefined> {
    load.signal.throwIfAborted();
    const { client, jobs } = await this.connect();
    // As in a commit, the signal does not cut the wait for a running job short.
    const submitted = await jobs.settled((submission) => jobId.commit(load, submission));
    return submitted ? findCommit(client, load) : undefined;
  }

  override async discard(load: Load): Promise<void> {
    assertLoad(load);
    const { tables } = await this.connect();
    await tables.dropStaging(load);
  }

  /** A dry run costs nothing and proves endpoint, credentials and the right to run jobs. */
  override async ping(): Promise<void> {
    const { client } = await this.connect();
    try {
      await client.createQueryJob({ query: 'SELECT 1', location: this.options.location, dryRun: true });
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
    return this.connect();
  }

  private connect(): Promise<Connection> {
    this.connection ??= this.open();
    return this.connection;
  }

  private async open(): Promise<Connection> {
    const client = await createBigQueryClient(this.options);
    const { location, pollIntervalMs = 500 } = this.options;
    return { client, jobs: new Jobs(client, location, pollIntervalMs), tables: new Tables(client, location) };
  }
}

/** What a commit failed for, when the ledger does not tell that it took effect after all. */
function commitError(error: unknown, { target }: Load): unknown {
  const detail = error instanceof PipelineError ? (error.operatorDetail ?? '') : '';
  if (detail.includes(REFUSAL.mergeKeyNotUnique)) return mergeKeyError(target, error);
  if (!detail.includes(REFUSAL.receiptMismatch)) return error;
  return new PipelineError(
    'receipt_mismatch',
    `${target.dataset}.${target.table} would have held other rows or sums of the run than were extracted. The commit was undone.`,
    { cause: error },
  );
}

function entryMissing(id: string, { target }: Load): PipelineError {
  return new PipelineError(
    'warehouse_rejected',
    `The commit took effect, but its entry is gone from ${target.dataset}.${LEDGER_TABLE}. Rows must not be removed from it.`,
    { facts: { job_id: id } },
  );
}
