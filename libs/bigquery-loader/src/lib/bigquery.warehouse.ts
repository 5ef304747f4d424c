import type { Query } from '@google-cloud/bigquery';
import { Inject, Injectable } from '@nestjs/common';
import {
  assertLoad,
  groupStatement,
  mergeKeyError,
  isDecimalText,
  misfitNumberError,
  missingValueError,
  PipelineError,
  toGroupTotals,
  Warehouse,
  type CommitReceipt,
  type DescribedTable,
  type EarlierLoad,
  type LimitedGrouping,
  type Load,
  type LoadProof,
  type Row,
  type StagedTotals,
  type StageReceipt,
  type TableReference,
  type TakeRows,
  type TextRow,
  type WarehousePlace,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { BIGQUERY_LOADER_OPTIONS, type BigQueryLoaderOptions } from './bigquery-loader.options.ts';
import { toPipelineError } from './bigquery.errors.ts';
import { checkStatement, refuseDuplicates, toStagedTotals, type Measure } from './check-statement.ts';
import { findCommit, LEDGER_TABLE, type LedgerAccess } from './commit-ledger.ts';
import { commitStatement, REFUSAL } from './commit-statement.ts';
import { Connections, type Connection } from './connections.ts';
import { describeTable } from './describe-table.ts';
import { jobId } from './job-id.ts';
import { jobLabels } from './job-labels.ts';
import { loadRows } from './load-job.ts';
import { DECIMAL_SIZES } from './schema-mapping.ts';
import { everyRow } from './partition-filter.ts';
import { readPages } from './read-pages.ts';
import { stageQueryStatement } from './stage-query-statement.ts';
import { quoteColumn, quoteTable, stagingTable } from './table-names.ts';

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

  /** Transactions that change one table cancel each other, table-wide, whatever partitions they touch. */
  override commitLine({ target, place = {} }: Pick<Load, 'target' | 'place'>): string {
    return `${this.resolvePlace(place).project}.${target.dataset}.${target.table}`;
  }

  override async describeTable(load: Load, reference: TableReference): Promise<DescribedTable | undefined> {
    load.signal.throwIfAborted();
    return describeTable(await this.connections.of(load), reference);
  }

  override async read(load: Load, { sql, parameters }: WarehouseQuery): Promise<readonly TextRow[]> {
    load.signal.throwIfAborted();
    return this.ask(await this.connections.of(load), load, sql, parameters);
  }

  override async readInBatches(
    load: Load,
    { sql, parameters }: WarehouseQuery,
    take: TakeRows,
  ): Promise<void> {
    load.signal.throwIfAborted();
    const { client, location } = await this.connections.of(load);
    await readPages(client, this.question(load, location, sql, parameters), load.signal, take);
  }

  override async stageRows(load: Load, batches: AsyncIterable<readonly Row[]>): Promise<StageReceipt> {
    const { client, jobs, tables } = await this.connectFor(load);
    await tables.ensureDataset(load);
    await tables.assertTargetLasts(load);
    await tables.createStaging(load);
    return loadRows(client, jobs, load, batches);
  }

  override async stageQuery(load: Load, query: WarehouseQuery): Promise<StageReceipt> {
    const { jobs, tables, project } = await this.connectFor(load);
    await tables.ensureDataset(load);
    await tables.assertTargetLasts(load);
    await tables.createStaging(load);
    const sql = stageQueryStatement(project, load, query.sql);
    const { id, bytesProcessed } = await jobs
      .run(
        (submission) => jobId.stageQuery(load, submission),
        () => ({ labels: jobLabels(load), query: this.queryConfiguration(sql, query.parameters) }),
        { signal: load.signal },
      )
      .catch((error: unknown) => {
        throw stagingError(error, load);
      });
    return { bytesStaged: 0, bytesProcessed, jobIds: [id] };
  }

  override async check(load: Load, grouping?: LimitedGrouping): Promise<StagedTotals> {
    const connection = await this.connectFor(load);
    const { project } = connection;
    const measures = await this.ask<Measure>(connection, load, checkStatement(project, load));
    refuseDuplicates(measures, load);
    const totals = toStagedTotals(measures, load.schema);
    if (!grouping) return totals;
    const staging = quoteTable(project, load, stagingTable(load));
    const question = groupStatement('bigquery', staging, load.schema, grouping, quoteColumn);
    return { ...totals, groups: toGroupTotals(await this.ask(connection, load, question), grouping) };
  }

  override async commit(load: Load, proof: LoadProof): Promise<CommitReceipt> {
    const { jobs, tables, project, ...connection } = await this.connectFor(load);
    const idOf = (submission: number) => jobId.commit(load, submission);
    const submissions = await jobs.settled(idOf);
    const earlier = submissions.any ? await findCommit(this.ledgerOf(connection), load) : undefined;
    if (earlier) return earlier;
    const target = await tables.ensureTarget({ ...load, spans: proof.spans });
    await tables.ensureViews(project, load, target);
    await tables.ensureLedger(load);
    load.signal.throwIfAborted();
    const sql = commitStatement(project, {
      ...load,
      spans: proof.spans,
      everyRow: target && everyRow(target),
    });
    const configurationOf = (id: string) => ({
      labels: jobLabels(load),
      query: this.queryConfiguration(sql, {
        run_id: load.runId,
        attempt: String(load.attempt),
        pipeline: load.pipeline,
        credential: load.sourceCredential ?? '',
        loaded_at: load.loadedAt,
        job_id: id,
        proof: JSON.stringify(proof),
      }),
    });
    // From here the signal is not heeded: the outcome lies in the target, and a run must not end without knowing it.
    const failure = await jobs.run(idOf, configurationOf, { first: submissions.next }).then(
      (job) => entryMissing(job.id, load),
      (error: unknown) => commitError(error, load),
    );
    // The job may have failed after its transaction took effect, or because that of an earlier one had.
    const receipt = await findCommit(this.ledgerOf(connection), load);
    if (!receipt) throw failure;
    return receipt;
  }

  override async findCommit(load: EarlierLoad): Promise<CommitReceipt | undefined> {
    load.signal.throwIfAborted();
    const { jobs, ...connection } = await this.connections.of(load);
    // As in a commit, the signal does not cut the wait for a running job short.
    const { any } = await jobs.settled((submission) => jobId.commit(load, submission));
    return any ? findCommit(this.ledgerOf(connection), load) : undefined;
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

  /** A question whose answer is all text. */
  private async ask<T = TextRow>(
    { client, location }: Connection,
    load: Load,
    query: string,
    params?: Readonly<Record<string, string>>,
  ): Promise<T[]> {
    try {
      const [rows] = await client.query(this.question(load, location, query, params));
      return rows as T[];
    } catch (error) {
      throw toPipelineError(error);
    }
  }

  private question(
    load: Load,
    location: string,
    query: string,
    params?: Readonly<Record<string, string>>,
  ): Query {
    return {
      query,
      params,
      location,
      labels: jobLabels(load),
      maximumBytesBilled: this.maximumBytesBilled,
    };
  }

  private get maximumBytesBilled(): string {
    return String(this.options.maximumBytesBilled ?? TEBIBYTE);
  }

  private ledgerOf({ client, location }: Pick<Connection, 'client' | 'location'>): LedgerAccess {
    return { client, location, maximumBytesBilled: this.maximumBytesBilled };
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

const NULL_IN_COLUMN = /Required field (\S+) cannot be null/;

const MISFIT = /Invalid (?:BIG)?NUMERIC value: ([^\s;]+)/;

/** What a staging query failed for: a row without a value that every row needs, a number that does not fit, or what BigQuery said. */
function stagingError(error: unknown, { target }: Load): unknown {
  const detail = error instanceof PipelineError ? (error.operatorDetail ?? '') : '';
  const column = NULL_IN_COLUMN.exec(detail)?.[1];
  if (column !== undefined) return missingValueError(target, column, error);
  const value = MISFIT.exec(detail)?.[1];
  return value !== undefined && isDecimalText(value)
    ? misfitNumberError(target, value, error, detail)
    : error;
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
