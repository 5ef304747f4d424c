import { commitMemoryMb } from './commit-memory.ts';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { Inject, Injectable } from '@nestjs/common';
import {
  assertLoad,
  PipelineError,
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
  type TextRow,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { DECIMAL_SIZES } from './column-types.ts';
import { ensureLedger, findCommit } from './commit-ledger.ts';
import { commitStaging } from './commit-staging.ts';
import { describeTable } from './describe-table.ts';
import { DuckdbFile } from './duckdb-file.ts';
import { DUCKDB_LOADER_OPTIONS, type DuckdbLoaderOptions } from './duckdb-loader.options.ts';
import { isInUse } from './duckdb.errors.ts';
import { onceFree } from './once-free.ts';
import { ensureDirectory } from './ensure-directory.ts';
import { Mutex } from './mutex.ts';
import { quoteName, quoteText } from './sql-names.ts';
import { readQuery } from './read-query.ts';
import { stageQuery } from './stage-query.ts';
import { STAGED_ROWS, stageRows } from './stage-rows.ts';
import { StagingArea } from './staging-area.ts';
import { readGroups, readIncrement, sumRows } from './sum-rows.ts';

/**
 * The embedded warehouse: one DuckDB file with a schema per dataset, and a file per attempt for staging. A commit is
 * one transaction that also enters the run into `_pipelines.commits`, which is how it happens once.
 */
@Injectable()
export class DuckdbWarehouse extends Warehouse {
  readonly engine = 'duckdb';
  readonly decimalScale = DECIMAL_SIZES.BIGNUMERIC.scale;
  private readonly path: string;
  private readonly lockWaitMs: number;
  private readonly main: DuckdbFile;
  private readonly staging: StagingArea;
  /** Two transactions on one table would conflict, and a look at the ledger must not pass a commit of this process. */
  private readonly commits = new Mutex();

  constructor(
    @Inject(DUCKDB_LOADER_OPTIONS) { path, stagingDirectory, lockWaitMs = 30_000 }: DuckdbLoaderOptions,
  ) {
    super();
    this.path = path;
    this.lockWaitMs = lockWaitMs;
    this.main = new DuckdbFile(path, lockWaitMs);
    this.staging = new StagingArea(stagingDirectory ?? join(dirname(path), 'staging'), lockWaitMs);
  }

  override async describeTable(
    { signal }: Load,
    reference: TableReference,
  ): Promise<DescribedTable | undefined> {
    // Opening a file that is not there would create it.
    if (!existsSync(this.path)) return undefined;
    return this.main.use((connection) => describeTable(connection, reference), signal);
  }

  override async read(load: Load, query: WarehouseQuery): Promise<readonly TextRow[]> {
    return this.useMain(load, (connection) => readQuery(connection, load, query));
  }

  override async stageRows(load: Load, batches: AsyncIterable<readonly Row[]>): Promise<StageReceipt> {
    assertLoad(load);
    await this.staging.clear(load);
    await this.staging.fileOf(load).use((connection) => stageRows(connection, load, batches), load.signal);
    return this.staging.measure(load);
  }

  override async stageQuery(load: Load, query: WarehouseQuery): Promise<StageReceipt> {
    assertLoad(load);
    await this.staging.clear(load);
    await this.useMain(load, (connection) =>
      this.withStaging(connection, load, (staging) => stageQuery(connection, staging, load, query)),
    );
    return this.staging.measure(load);
  }

  override async check(load: Load, grouping?: LimitedGrouping): Promise<StagedTotals> {
    assertLoad(load);
    this.assertStaged(load);
    return this.staging.fileOf(load).use(
      async (connection) => ({
        ...(await sumRows(connection, load, STAGED_ROWS, 'true')),
        ...(await readIncrement(connection, load, STAGED_ROWS)),
        ...(await readGroups(connection, load, STAGED_ROWS, grouping)),
      }),
      load.signal,
    );
  }

  override async commit(load: Load, proof: LoadProof): Promise<CommitReceipt> {
    assertLoad(load);
    return this.commits.run(() =>
      this.useMain(
        load,
        async (connection) => {
          await ensureLedger(connection);
          const earlier = await findCommit(connection, load);
          if (earlier) return earlier;
          this.assertStaged(load);
          return this.withStaging(
            connection,
            load,
            (staging) => commitStaging(connection, staging, load, proof),
            'READ_ONLY',
          );
        },
        commitMemoryMb(load),
      ),
    );
  }

  override async findCommit(load: EarlierLoad): Promise<CommitReceipt | undefined> {
    return this.commits.run(async () => {
      // Opening a file that is not there would create it.
      if (!existsSync(this.path)) return undefined;
      return this.main.use((connection) => findCommit(connection, load), load.signal);
    });
  }

  override async discard(load: EarlierLoad): Promise<void> {
    await this.staging.discard(load);
  }

  /** A file that another process has open counts as usable: loads wait for it. */
  override async ping(): Promise<void> {
    await ensureDirectory(dirname(this.path));
    try {
      await new DuckdbFile(this.path, 0).use((connection) => connection.run('SELECT 1'));
    } catch (error) {
      if (error instanceof PipelineError && isInUse(error.cause)) return;
      throw error;
    }
  }

  private async useMain<T>(
    { signal }: Load,
    work: (connection: DuckDBConnection) => Promise<T>,
    memoryMb?: number,
  ): Promise<T> {
    await ensureDirectory(dirname(this.path));
    return this.main.use(work, signal, memoryMb);
  }

  /** The name is the attempt's own: the database instance, and what is attached to it, is shared by this process. */
  private async withStaging<T>(
    connection: DuckDBConnection,
    load: Load,
    work: (staging: string) => Promise<T>,
    access: 'READ_ONLY' | 'READ_WRITE' = 'READ_WRITE',
  ): Promise<T> {
    const staging = `staging_${load.runId}_${load.attempt}`;
    const attach = `ATTACH ${quoteText(this.staging.pathOf(load))} AS ${quoteName(staging)} (${access})`;
    await onceFree(() => connection.run(attach), this.lockWaitMs, load.signal);
    try {
      return await work(staging);
    } finally {
      // It also goes when the file closes, and its error would hide what the work did, which may be a commit.
      await connection.run(`DETACH ${quoteName(staging)}`).catch(() => undefined);
    }
  }

  private assertStaged(load: Load): void {
    if (this.staging.has(load)) return;
    throw new PipelineError(
      'warehouse_rejected',
      `Nothing is staged for attempt ${load.attempt} of run ${load.runId}. Stage before check and commit.`,
    );
  }
}
