import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { EarlierLoad, Load, StageReceipt } from '@pipelines/pipeline';
import type { Duckdb } from './duckdb.ts';
import { toPipelineError } from './duckdb.errors.ts';
import { ensureDirectory } from './ensure-directory.ts';
import { stagingMemoryMb } from './load-memory.ts';
import { onceFree } from './once-free.ts';
import { quoteName, quoteText } from './sql-names.ts';
import { STAGED_ROWS } from './stage-rows.ts';

/** Of one attempt: its file, and DuckDB's log of what the file lacks yet. */
const STAGING_FILE = /^[A-Za-z0-9-]+_\d+\.duckdb(\.wal)?$/;
/** Of one process. */
const SPILL_FOLDER = /^spill_[0-9a-f-]{36}$/;
/** What letting go of a file may take. */
const DETACH_MB = 32;
/** What an attempt's path is followed by. */
const FILES = ['', '.wal'];
const LIFETIME_MS = 24 * 60 * 60 * 1_000;

/**
 * Keeps the rows of each attempt in a file of its own: slow extraction never holds the main file's lock, and no run
 * can see another's rows. What a killed process left behind, and nobody discarded, is removed after a day.
 */
export class StagingArea {
  /** Files that are attached: those of this process's attempts, until they are discarded. */
  private readonly attached = new Set<string>();

  constructor(
    private readonly duckdb: Duckdb,
    private readonly directory: string,
    private readonly lockWaitMs: number,
  ) {}

  /**
   * Attaches the attempt's file, creating it when missing; it stays so until it is discarded.
   * @returns The name by which any connection finds it.
   * @throws PipelineError as {@link use} does.
   */
  async attach(load: Load): Promise<string> {
    const path = this.pathOf(load);
    const catalog = catalogOf(load);
    if (this.attached.has(path)) return catalog;
    const attach = `ATTACH ${quoteText(path)} AS ${quoteName(catalog)}`;
    await this.run(load, (connection) =>
      onceFree(() => connection.run(attach), this.lockWaitMs, load.signal),
    );
    this.attached.add(path);
    return catalog;
  }

  /**
   * Does the work on a connection to the attempt's file. Aborting interrupts a running statement.
   * @throws PipelineError `warehouse_unavailable` or `warehouse_rejected` for an error of DuckDB; the signal's reason when
   * aborted.
   */
  async use<T>(load: Load, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const catalog = await this.attach(load);
    return this.run(load, async (connection) => {
      await connection.run(`USE ${quoteName(catalog)}`);
      return work(connection);
    });
  }

  has(load: Load): boolean {
    return existsSync(this.pathOf(load));
  }

  /** What the attempt's file takes, with DuckDB's log of what the file lacks yet. */
  async measure(load: Load): Promise<StageReceipt> {
    const sizes = FILES.map(
      async (suffix) => (await stat(this.pathOf(load) + suffix).catch(() => undefined))?.size,
    );
    const bytesStaged = (await Promise.all(sizes)).reduce<number>((sum, size = 0) => sum + size, 0);
    return { bytesStaged, bytesProcessed: 0, jobIds: [] };
  }

  /** Makes room for an attempt: the directory exists and the attempt's file does not. */
  async clear(load: Load): Promise<void> {
    await ensureDirectory(this.directory);
    await this.removeExpired();
    await this.discard(load);
  }

  async discard(load: EarlierLoad): Promise<void> {
    const path = this.pathOf(load);
    if (this.attached.delete(path)) await this.detach(catalogOf(load));
    for (const suffix of FILES) await rm(path + suffix, { force: true });
  }

  /**
   * Rows that are dropped before need not be brought from DuckDB's log into a file that goes away. An error must not keep
   * the file: without it the attempt cannot begin to commit any more.
   */
  private async detach(catalog: string): Promise<void> {
    const name = quoteName(catalog);
    const quietly = (connection: DuckDBConnection, sql: string) => connection.run(sql).catch(() => undefined);
    await this.duckdb.use(async (connection) => {
      await quietly(connection, `DROP TABLE IF EXISTS ${name}.main.${STAGED_ROWS}`);
      await quietly(connection, `DETACH ${name}`);
    }, DETACH_MB);
  }

  private async run<T>(load: Load, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const { signal } = load;
    signal.throwIfAborted();
    try {
      return await this.duckdb.use(work, stagingMemoryMb(load), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw toPipelineError(error);
    }
  }

  /** The attempt's file, whether it exists or not. */
  private pathOf({ runId, attempt }: EarlierLoad): string {
    return join(this.directory, `${runId}_${attempt}.duckdb`);
  }

  /** A folder to spill to stays, because its process may live, and spill again. */
  private async removeExpired(): Promise<void> {
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      if (STAGING_FILE.test(name)) await removeWhenExpired(path);
      if (!SPILL_FOLDER.test(name)) continue;
      for (const spilled of await readdir(path)) await removeWhenExpired(join(path, spilled));
    }
  }
}

async function removeWhenExpired(path: string): Promise<void> {
  const modified = (await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity;
  if (Date.now() - modified > LIFETIME_MS) await rm(path, { force: true });
}

/** No other attempt's, and no dataset's, whose names have no space. */
function catalogOf({ runId, attempt }: EarlierLoad): string {
  return `staging ${runId} ${attempt}`;
}
