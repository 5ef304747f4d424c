import type { DuckDBConnection } from '@duckdb/node-api';
import type { Duckdb } from './duckdb.ts';
import { TurnOverError, toPipelineError } from './duckdb.errors.ts';
import { Mutex } from './mutex.ts';
import { onceFree } from './once-free.ts';
import { quoteName, quoteText } from './sql-names.ts';

/** How a file is used. */
export interface FileUse {
  /** Aborting interrupts a running statement. */
  readonly signal?: AbortSignal;
  /** What DuckDB may have in its buffers for the work, and for writing it to the file in the end. Default 256. */
  readonly memoryMb?: number;
  /** How long to wait for others to let go of the file, when that is not the file's own. */
  readonly lockWaitMs?: number;
}

const MEMORY_MB = 256;
/**
 * How long uses share an attachment, at least. Then none begins for as long, so that the file is detached and other
 * processes get their turn; unless a longer use keeps it attached, which nobody gains from waiting for.
 */
const TURN_MS = 500;
/** How much longer the turn is than what attaching and detaching take. */
const TURN_RATIO = 4;
const CHEAP_MS = 400;

/**
 * A DuckDB file that is attached only while it is used. DuckDB locks an attached file against every other process, so a
 * file that stayed attached would shut out other workers and people with the DuckDB CLI. Uses at the same time share one
 * attachment: what they have written is brought from DuckDB's log into the file once, when it is detached. That and
 * attaching take longer the more tables there are, half a millisecond each; a file that is expensive to attach waits as
 * long for another use before it is detached.
 */
export class DuckdbFile {
  private users = 0;
  private attachedAt?: number;
  /** What attaching and detaching took last. */
  private readonly took = { attachMs: 0, detachMs: 0 };
  private lingering?: NodeJS.Timeout;
  private readonly changes = new Mutex();

  /**
   * @param catalog Name of the attached file, which nothing else has: no other file and no dataset.
   * @param lockWaitMs How long to wait for others to let go of the file.
   * @param cheapMs A file that takes less to attach and detach is detached at once.
   */
  constructor(
    private readonly duckdb: Duckdb,
    private readonly path: string,
    private readonly catalog: string,
    private readonly lockWaitMs: number,
    private readonly cheapMs = CHEAP_MS,
  ) {}

  /**
   * Attaches the file, creating it when missing, does the work on a connection to it, and detaches it, unless others in
   * this process go on using it.
   * @throws PipelineError `warehouse_unavailable` when another process holds the file for longer than the wait,
   * `warehouse_rejected` when DuckDB refuses a statement; the signal's reason when aborted.
   */
  async use<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    { signal, memoryMb = MEMORY_MB, lockWaitMs = this.lockWaitMs }: FileUse = {},
  ): Promise<T> {
    const useAttached = async (connection: DuckDBConnection): Promise<T> => {
      await onceFree(() => this.enter(connection), lockWaitMs, signal);
      try {
        await connection.run(`USE ${quoteName(this.catalog)}`);
        return await work(connection);
      } finally {
        await this.leave(connection);
      }
    };
    signal?.throwIfAborted();
    try {
      return await this.duckdb.use(useAttached, memoryMb, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw toPipelineError(error);
    }
  }

  /** Detaches the file when it only waits for another use. Never fails. */
  async close(): Promise<void> {
    await this.changes.run(async () => {
      if (this.users > 0 || this.attachedAt === undefined) return;
      await this.duckdb.use((connection) => this.detach(connection), MEMORY_MB).catch(() => undefined);
    });
  }

  /** @throws DuckDB's error, or {@link TurnOverError}. */
  private async enter(connection: DuckDBConnection): Promise<void> {
    await this.changes.run(async () => {
      if (this.attachedAt === undefined) await this.attach(connection);
      else if (this.turnIsOver()) throw new TurnOverError();
      this.users++;
    });
  }

  /** Never fails: its error would hide what the work did, which may be a commit. */
  private async leave(connection: DuckDBConnection): Promise<void> {
    await this.changes.run(async () => {
      if (--this.users > 0) return;
      const lingerMs = this.costMs();
      if (lingerMs < this.cheapMs || this.turnIsOver()) return this.detach(connection);
      clearTimeout(this.lingering);
      this.lingering = setTimeout(() => void this.close(), lingerMs).unref();
    });
  }

  private async attach(connection: DuckDBConnection): Promise<void> {
    const startedAt = performance.now();
    // What could not be detached is attached still.
    await connection.run(`ATTACH IF NOT EXISTS ${quoteText(this.path)} AS ${quoteName(this.catalog)}`);
    this.attachedAt = performance.now();
    this.took.attachMs = this.attachedAt - startedAt;
  }

  private async detach(connection: DuckDBConnection): Promise<void> {
    const startedAt = performance.now();
    clearTimeout(this.lingering);
    await connection.run(`USE memory; DETACH ${quoteName(this.catalog)}`).catch(() => undefined);
    this.attachedAt = undefined;
    this.took.detachMs = performance.now() - startedAt;
  }

  private costMs(): number {
    return this.took.attachMs + this.took.detachMs;
  }

  /** In every other turn that the file stays attached; others have come first once it is not. */
  private turnIsOver(): boolean {
    const turnMs = Math.max(TURN_MS, TURN_RATIO * this.costMs());
    return Math.floor((performance.now() - this.attachedAt!) / turnMs) % 2 === 1;
  }
}
