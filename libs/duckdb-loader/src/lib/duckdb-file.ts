import { setTimeout as delay } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { isLockedElsewhere, toPipelineError } from './duckdb.errors.ts';

/** Modest, because the service shares its machine; DuckDB spills to disk past the limit. */
const SETTINGS = `
  SET GLOBAL memory_limit = '512MB';
  SET GLOBAL threads = 2;
  SET GLOBAL preserve_insertion_order = false;
  SET GLOBAL autoinstall_known_extensions = false;
  SET TimeZone = 'UTC';`;

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 1_000;

/**
 * A DuckDB file that is open only while it is used. DuckDB locks an open file against every other process, so a file
 * held open would shut out other workers and people with the DuckDB CLI.
 */
export class DuckdbFile {
  constructor(
    private readonly path: string,
    private readonly lockWaitMs: number,
  ) {}

  /**
   * Opens the file, creating it when missing, and closes it after the work. Aborting interrupts a running statement.
   * @throws PipelineError `warehouse_unavailable` when another process holds the file for longer than the wait,
   * `warehouse_rejected` when DuckDB refuses a statement; the signal's reason when aborted.
   */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    try {
      const instance = await this.open(signal);
      try {
        return await withConnection(instance, work, signal);
      } finally {
        closeQuietly(instance);
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw toPipelineError(error);
    }
  }

  private async open(signal?: AbortSignal): Promise<DuckDBInstance> {
    // Imported here: the native library would cost every start of the service 20 MB, used or not.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const deadline = Date.now() + this.lockWaitMs;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        // The cache shares one instance between all users in this process. A second instance of the same file would
        // open, and release the process's lock on it when closed (POSIX locks belong to the process, not the handle).
        return await DuckDBInstance.fromCache(this.path);
      } catch (error) {
        if (!isLockedElsewhere(error) || Date.now() + waitMs > deadline) throw error;
        await delay(waitMs * (1 - Math.random() / 2), undefined, { signal });
      }
    }
  }
}

async function withConnection<T>(
  instance: DuckDBInstance,
  work: (connection: DuckDBConnection) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    await connection.run(SETTINGS);
    return await work(connection);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    closeQuietly(connection);
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
