import { Socket } from 'node:net';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Client } from 'pg';
import type { PoolSockets } from './pool-sockets.ts';

const EVERY_MS = 500;
/** Together with the pause less than the two seconds that a caller is to wait at most. */
const PATIENCE_MS = 1_200;

/** PostgreSQL has fallen silent: a connection to it is open, and nothing comes back. */
class DatabaseSilentError extends Error {
  override readonly name = 'DatabaseSilentError';
  readonly code = 'ETIMEDOUT';

  constructor() {
    super(`The database has not answered for ${PATIENCE_MS} ms.`);
  }
}

/**
 * Asks the database twice a second, on a connection of its own, whether it is there. When nothing comes back, it breaks
 * the others on which nothing came meanwhile: a server that was cut off or stands still says nothing, so that statements
 * would wait for it in vain, and connections to it would stay in their pools. A statement that merely takes long is left
 * alone.
 */
@Injectable()
export class DatabasePulse implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(DatabasePulse.name);
  private readonly stopping = new AbortController();
  private beating?: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly sockets: PoolSockets,
  ) {}

  onModuleInit(): void {
    this.beating = this.beat();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.beating;
  }

  private async beat(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const socket = new Socket();
      try {
        await this.beatOn(socket);
      } catch (error) {
        // A server that refuses, or breaks a connection, lets nobody wait.
        if (error instanceof DatabaseSilentError) this.logger.warn(error.message);
      }
      socket.destroy();
      await delay(EVERY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** @throws Error once the database does not answer on the socket, or the process stops. */
  private async beatOn(socket: Socket): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'pipelines-pulse',
      stream: () => socket,
    });
    // What breaks the connection fails the statement, or the next one.
    client.on('error', () => undefined);
    await this.answered(() => client.connect());
    for (;;) {
      await this.answered(() => client.query('SELECT 1'));
      await delay(EVERY_MS, undefined, { signal: this.stopping.signal });
    }
  }

  /** @throws DatabaseSilentError when the answer takes too long; connections that were as silent are broken then. */
  private async answered(ask: () => Promise<unknown>): Promise<void> {
    const giveUpSilent = this.sockets.watch();
    const patience = new AbortController();
    const silence = async () => {
      await delay(PATIENCE_MS, undefined, { signal: patience.signal });
      // A process that was busy for so long has not read yet what has come meanwhile.
      await setImmediate();
      throw new DatabaseSilentError();
    };
    const answer = ask();
    try {
      await Promise.race([answer, silence()]);
    } catch (error) {
      if (error instanceof DatabaseSilentError) giveUpSilent(error);
      throw error;
    } finally {
      patience.abort();
      answer.catch(() => undefined);
    }
  }
}
