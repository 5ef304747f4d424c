import { existsSync } from 'node:fs';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { toPipelineError } from './duckdb.errors.ts';
import { onceFree } from './once-free.ts';

/** The thresholds have DuckDB's allocator give back soon what a statement used, instead of keeping 100 MB and more. */
const SETTINGS = `
  SET GLOBAL allocator_flush_threshold = '8MB';
  SET GLOBAL allocator_bulk_deallocation_flush_threshold = '16MB';
  SET GLOBAL preserve_insertion_order = false;
  SET GLOBAL autoinstall_known_extensions = false;
  SET TimeZone = 'UTC';`;

/** What DuckDB may use while the file is open. The service shares its machine. */
export interface DuckdbResources {
  /** Of its buffers; past it, DuckDB spills to disk. */
  readonly memoryMb: number;
  readonly threads: number;
}

/**
 * A DuckDB file that is open only while it is used. DuckDB locks an open file against every other process, so a file
 * held open would shut out other workers and people with the DuckDB CLI.
 */
export class DuckdbFile {
  /** What the uses under way may take, of which the one that may take most counts: they share one DuckDB. */
  private readonly allowances: { readonly memoryMb: number }[] = [];

  constructor(
    private readonly path: string,
    private readonly lockWaitMs: number,
    private readonly resources: DuckdbResources = { memoryMb: 256, threads: 2 },
  ) {}

  /**
   * Opens the file, creating it when missing, and closes it after the work. Aborting interrupts a running statement.
   * @param memoryMb What the work may take, when that is less than the file's resources.
   * @throws PipelineError `warehouse_unavailable` when another process holds the file for longer than the wait,
   * `warehouse_rejected` when DuckDB refuses a statement; the signal's reason when aborted.
   */
  async use<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    signal?: AbortSignal,
    memoryMb = this.resources.memoryMb,
  ): Promise<T> {
    signal?.throwIfAborted();
    const allowance = { memoryMb };
    this.allowances.push(allowance);
    try {
      const instance = await this.open(signal);
      try {
        return await this.withConnection(instance, work, signal);
      } finally {
        closeQuietly(instance);
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw toPipelineError(error);
    } finally {
      this.allowances.splice(this.allowances.indexOf(allowance), 1);
    }
  }

  private async withConnection<T>(
    instance: DuckDBInstance,
    work: (connection: DuckDBConnection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const connection = await instance.connect();
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      const memoryMb = Math.max(...this.allowances.map((allowance) => allowance.memoryMb));
      await connection.run(
        `SET GLOBAL memory_limit = '${memoryMb}MB'; SET GLOBAL threads = ${this.resources.threads}; ${SETTINGS}`,
      );
      return await work(connection);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      await this.checkpoint(connection);
      closeQuietly(connection);
    }
  }

  /**
   * Brings the log into the file, when there is one. Closing does so too, but on the thread of everything else: leases and
   * requests would wait for the disk. It fails while somebody else in this process writes, who then does it.
   */
  private async checkpoint(connection: DuckDBConnection): Promise<void> {
    if (!existsSync(`${this.path}.wal`)) return;
    try {
      await connection.run('CHECKPOINT');
    } catch {
      // What was committed is in the log.
    }
  }

  private async open(signal?: AbortSignal): Promise<DuckDBInstance> {
    // Imported here: the native library would cost every start of the service 20 MB, used or not.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    // The cache shares one instance between all users in this process. A second instance of the same file would open, and
    // release the process's lock on it when closed (POSIX locks belong to the process, not the handle).
    return onceFree(() => DuckDBInstance.fromCache(this.path), this.lockWaitMs, signal);
  }
}

/** An error of closing would hide what the work did, which may be a commit. */
function closeQuietly(open: { closeSync(): void }): void {
  try {
    open.closeSync();
  } catch {
    // What was written is in the file; the next use opens it anew.
  }
}
