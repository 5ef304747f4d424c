import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
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
  type TakeRows,
  type TextRow,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { DECIMAL_SIZES } from './column-types.ts';
import { ensureLedger, findCommit, readCommit } from './commit-ledger.ts';
import { commitStaging } from './commit-staging.ts';
import { describeTable } from './describe-table.ts';
import { Duckdb } from './duckdb.ts';
import { DuckdbFile } from './duckdb-file.ts';
import { DUCKDB_LOADER_OPTIONS, type DuckdbLoaderOptions } from './duckdb-loader.options.ts';
import { isInUse } from './duckdb.errors.ts';
import { ensureDirectory } from './ensure-directory.ts';
import { commitMemoryMb } from './load-memory.ts';
import { Mutex } from './mutex.ts';
import { readQuery, readQueryInBatches } from './read-query.ts';
import { refuseDuplicates } from './refuse-duplicates.ts';
import { stageQuery } from './stage-query.ts';
import { STAGED_ROWS, stageRows } from './stage-rows.ts';
import { StagingArea } from './staging-area.ts';
import { readGroups, readIncrement, sumRows } from './sum-rows.ts';

/** A space is in no name of a dataset. */
const MAIN_CATALOG = 'the warehouse';

/**
 * The embedded warehouse: one DuckDB file with a schema per dataset, and a file per attempt for staging. A commit is
 * one transaction that also enters the run into `_pipelines.commits`, which is how it happens once.
 */
@Injectable()
export class DuckdbWarehouse extends Warehouse implements OnApplicationShutdown {
  readonly engine = 'duckdb';
  readonly decimalScale = DECIMAL_SIZES.BIGNUMERIC.scale;
  private readonly path: string;
  private readonly duckdb: Duckdb;
  private readonly main: DuckdbFile;
  private readonly staging: StagingArea;
  /** Two transactions on one table would conflict, and a look at the ledger must not pass a commit of this process. */
  private readonly commits = new Mutex();

  constructor(
    @Inject(DUCKDB_LOADER_OPTIONS) { path, stagingDirectory, lockWaitMs = 30_000 }: DuckdbLoaderOptions,
  ) {
    super();
    this.path = path;
    const directory = stagingDirectory ?? join(dirname(path), 'staging');
    this.duckdb = new Duckdb(directory);
    this.main = new DuckdbFile(this.duckdb, path, MAIN_CATALOG, lockWaitMs);
    this.staging = new StagingArea(this.duckdb, directory, lockWaitMs);
  }

  override async describeTable(
    { signal }: Load,
    reference: TableReference,
  ): Promise<DescribedTable | undefined> {
    // Opening a file that is not there would create it.
    if (!existsSync(this.path)) return undefined;
    return this.main.use((connection) => describeTable(connection, reference), { signal });
  }

  override async read(load: Load, query: WarehouseQuery): Promise<readonly TextRow[]> {
    return this.useMain(load, (connection) => readQuery(connection, load, query));
  }

  override async readInBatches(load: Load, query: WarehouseQuery, take: TakeRows): Promise<void> {
    await this.useMain(load, (connection) => readQueryInBatches(connection, load, query, take));
  }

  override async stageRows(load: Load, batches: AsyncIterable<readonly Row[]>): Promise<StageReceipt> {
    assertLoad(load);
    await this.staging.clear(load);
    await this.staging.use(load, (connection) => stageRows(connection, load, batches));
    return this.staging.measure(load);
  }

  override async stageQuery(load: Load, query: WarehouseQuery): Promise<StageReceipt> {
    assertLoad(load);
    await this.staging.clear(load);
    const staging = await this.staging.attach(load);
    await this.useMain(load, (connection) => stageQuery(connection, staging, load, query));
    return this.staging.measure(load);
  }

  override async check(load: Load, grouping?: LimitedGrouping): Promise<StagedTotals> {
    assertLoad(load);
    this.assertStaged(load);
    return this.staging.use(load, async (connection) => {
      await refuseDuplicates(connection, load, STAGED_ROWS);
      return {
        ...(await sumRows(connection, load, STAGED_ROWS, 'true')),
        ...(await readIncrement(connection, load, STAGED_ROWS)),
        ...(await readGroups(connection, load, STAGED_ROWS, grouping)),
      };
    });
  }

  override async commit(load: Load, proof: LoadProof): Promise<CommitReceipt> {
    assertLoad(load);
    return this.useMain(
      load,
      (connection) =>
        this.commits.run(async () => {
          await ensureLedger(connection);
          const earlier = await readCommit(connection, load);
          if (earlier) return earlier;
          // Who takes over a run takes its staging away first, and then waits for this use to end.
          this.assertStaged(load);
          return commitStaging(connection, await this.staging.attach(load), load, proof);
        }),
      commitMemoryMb(load),
    );
  }

  override async findCommit(load: EarlierLoad): Promise<CommitReceipt | undefined> {
    // Opening a file that is not there would create it.
    if (!existsSync(this.path)) return undefined;
    const { signal } = load;
    return this.main.use((connection) => this.commits.run(() => findCommit(connection, load)), { signal });
  }

  override async discard(load: EarlierLoad): Promise<void> {
    await this.staging.discard(load);
  }

  /** A file that another process has open counts as usable: loads wait for it. */
  override async ping(): Promise<void> {
    await ensureDirectory(dirname(this.path));
    try {
      await this.main.use((connection) => connection.run('SELECT 1'), { lockWaitMs: 0 });
    } catch (error) {
      if (error instanceof PipelineError && isInUse(error.cause)) return;
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.main.close();
    await this.duckdb.close();
  }

  private async useMain<T>(
    { signal }: Load,
    work: (connection: DuckDBConnection) => Promise<T>,
    memoryMb?: number,
  ): Promise<T> {
    await ensureDirectory(dirname(this.path));
    return this.main.use(work, { signal, memoryMb });
  }

  private assertStaged(load: Load): void {
    if (this.staging.has(load)) return;
    throw new PipelineError(
      'warehouse_rejected',
      `Nothing is staged for attempt ${load.attempt} of run ${load.runId}. Stage before check and commit.`,
    );
  }
}
