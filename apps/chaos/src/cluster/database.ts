import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@pipelines/database';
import { freePort } from '@pipelines/service-driver';
import { Client, Pool, type QueryResultRow } from 'pg';

const RESTART_DEADLINE_MS = 30_000;
const TERMINATE_WITHIN_MS = 10_000;
const POLL_MS = 50;

/** A PostgreSQL of the cluster's own, with its durability on, that can be killed and started again at its address. */
export class Database {
  private readonly pool: Pool;

  private constructor(
    private readonly dataDirectory: string,
    private readonly port: string,
    private server: EmbeddedPostgres,
    private readonly exits: EventTarget,
  ) {
    this.pool = new Pool({ connectionString: server.url, max: 4 });
    // A connection that breaks while it is idle is what some scenarios are about.
    this.pool.on('error', () => undefined);
  }

  /** Starts a server on a data directory that is created when missing. */
  static async start(dataDirectory: string): Promise<Database> {
    const port = String(await freePort());
    const exits = new EventTarget();
    return new Database(dataDirectory, port, await startServer(dataDirectory, port, exits), exits);
  }

  get url(): string {
    return this.server.url;
  }

  /** The rows of a statement. */
  async query<T extends QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query<T>(sql, values)).rows;
  }

  /** Does the work while nobody else can read or write the runs. */
  async withRunsLocked(work: () => Promise<void>): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN; LOCK TABLE pipelines.runs IN ACCESS EXCLUSIVE MODE');
      await work();
    } finally {
      // Of a server that died meanwhile there is nothing to roll back, and a client that is kept would keep the pool.
      await client.query('ROLLBACK').catch(() => undefined);
      client.release();
    }
  }

  /**
   * Keeps everybody else from writing the run; resolves with what lets them write it again, once the statements that
   * waited for it have ended with their workers. PostgreSQL would carry them out: it does not notice that they died.
   */
  async lockRun(id: string): Promise<() => Promise<void>> {
    // Not of the pool, whose end would wait for it when nobody unlocks the run.
    const client = new Client(this.url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('BEGIN');
      await client.query('SELECT FROM pipelines.runs WHERE id = $1 FOR UPDATE', [id]);
    } catch (error) {
      await client.end();
      throw error;
    }
    return async () => {
      await this.query(
        `SELECT pg_terminate_backend(pid, ${TERMINATE_WITHIN_MS}) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
      );
      await client.end();
    };
  }

  /** Whether a statement that matches the pattern (of `LIKE`) waits for a lock. */
  async isWaiting(pattern: string): Promise<boolean> {
    const waiting = await this.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`,
      [pattern],
    );
    return waiting.length > 0;
  }

  /** SIGKILL to the server and to all of its backends; resolves when the server is gone. */
  async kill(): Promise<void> {
    const pids = await this.pids();
    const exited = once(this.exits, 'exit');
    signal(pids, 'SIGKILL');
    await exited;
  }

  /** SIGSTOP to the server and to all of its backends: nothing answers any more. Resolves with what lets them go on. */
  async freeze(): Promise<() => void> {
    const pids = await this.pids();
    signal(pids, 'SIGSTOP');
    return () => signal(pids, 'SIGCONT');
  }

  /** Starts a killed server again. It refuses to start while a last backend of the old one is still dying. */
  async restart(): Promise<void> {
    await this.server.stop();
    const deadline = Date.now() + RESTART_DEADLINE_MS;
    for (;;) {
      try {
        this.server = await startServer(this.dataDirectory, this.port, this.exits);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(POLL_MS);
      }
    }
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.server.stop();
  }

  private async pids(): Promise<number[]> {
    const backends = await this.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
    return [this.server.pid, ...backends.map(({ pid }) => pid)];
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // A backend that lost its server ends by itself, sometimes sooner than we get to it.
    }
  }
}

function startServer(dataDirectory: string, port: string, exits: EventTarget): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({
    dataDirectory,
    settings: { port },
    onExit: () => exits.dispatchEvent(new Event('exit')),
  });
}
