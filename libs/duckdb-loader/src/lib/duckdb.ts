import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { ensureDirectory } from './ensure-directory.ts';
import { Mutex } from './mutex.ts';

/**
 * The thresholds have DuckDB's allocator give back soon what a statement used, instead of keeping 100 MB and more. Runs go
 * on side by side, each statement on one thread: a second one takes as much memory again, and costs the many small
 * statements more, in waiting for each other, than it gains the few large ones.
 */
const SETTINGS = `
  SET GLOBAL allocator_flush_threshold = '8MB';
  SET GLOBAL allocator_bulk_deallocation_flush_threshold = '16MB';
  SET GLOBAL preserve_insertion_order = false;
  SET GLOBAL autoinstall_known_extensions = false;
  SET GLOBAL threads = 1;
  SET GLOBAL TimeZone = 'UTC';`;

/** What one use has in buffers at any time, beside a larger one that is under way. */
const SHARE_MB = 32;

/**
 * The DuckDB of this process: an instance in memory, to which files are attached while they are used. Attaching costs a
 * thirtieth of an instance of its own for each file, and what an instance has learned of its catalog stays known.
 */
export class Duckdb {
  /** What the uses under way may take. */
  private readonly allowances: { readonly memoryMb: number }[] = [];
  private readonly spillDirectory: string;
  /** Limits are set one after the other: statements of two connections may pass each other. */
  private readonly limits = new Mutex();
  private limitMb = 0;
  private instance?: Promise<DuckDBInstance>;

  /** @param directory What exceeds the memory is spilled to a folder of this process in it. */
  constructor(directory: string) {
    // DuckDB takes for its own whatever it finds in its folder.
    this.spillDirectory = join(directory, `spill_${randomUUID()}`);
  }

  /**
   * Does the work on a connection of its own. Aborting interrupts a running statement.
   * @param memoryMb What DuckDB may have in its buffers for the work; past it, it spills to disk.
   */
  async use<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    memoryMb: number,
    signal?: AbortSignal,
  ): Promise<T> {
    const connection = await (await this.open()).connect();
    const allowance = { memoryMb };
    this.allowances.push(allowance);
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      await this.limits.run(() => this.limitMemory(connection));
      return await work(connection);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.allowances.splice(this.allowances.indexOf(allowance), 1);
      closeQuietly(connection);
    }
  }

  /** Lets go of the memory. The next use opens it anew. */
  async close(): Promise<void> {
    const instance = await this.instance;
    this.instance = undefined;
    this.limitMb = 0;
    if (!instance) return;
    closeQuietly(instance);
    await rm(this.spillDirectory, { recursive: true, force: true });
  }

  /**
   * All uses share one DuckDB, so the one that may take most counts, and a share for each that goes on beside it. Nothing
   * is taken from those under way.
   */
  private async limitMemory(connection: DuckDBConnection): Promise<void> {
    const others = this.allowances.length - 1;
    const limitMb = Math.max(...this.allowances.map(({ memoryMb }) => memoryMb)) + SHARE_MB * others;
    if (limitMb === this.limitMb || (others > 0 && limitMb < this.limitMb)) return;
    try {
      await connection.run(`SET GLOBAL memory_limit = '${limitMb}MB'`);
      this.limitMb = limitMb;
    } catch {
      // More than that is in use still. The limit of before is as good, and the next use tries again.
    }
  }

  private open(): Promise<DuckDBInstance> {
    this.instance ??= this.create().catch((error: unknown) => {
      this.instance = undefined;
      throw error;
    });
    return this.instance;
  }

  private async create(): Promise<DuckDBInstance> {
    // Imported here: the native library would cost every start of the service 20 MB, used or not.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    // DuckDB makes its own folder when it first spills, and none above it.
    await ensureDirectory(dirname(this.spillDirectory));
    // Instances of the cache know of each other's files. Another one in this process would open a file that is open here,
    // and release the process's lock on it when closed (POSIX locks belong to the process, not the handle).
    const instance = await DuckDBInstance.fromCache(`:memory:${randomUUID()}`, {
      temp_directory: this.spillDirectory,
    });
    const connection = await instance.connect();
    try {
      await connection.run(SETTINGS);
    } finally {
      closeQuietly(connection);
    }
    return instance;
  }
}

/** An error of closing would hide what the work did, which may be a commit. */
function closeQuietly(open: { closeSync(): void }): void {
  try {
    open.closeSync();
  } catch {
    // What was written is in the file.
  }
}
