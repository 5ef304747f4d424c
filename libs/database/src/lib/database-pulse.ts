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
 * Asks the database twice a second, on a connection of its own, whether it is there, and breaks all others when nothing
 * comes back. A server that was cut off or stands still says nothing, so that statements would wait for it in vain, and
 * connections to it would stay in the pool. A statement that merely takes long is left alone.
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
      const client = new Client({ connectionString: this.url, application_name: 'pipelines-pulse' });
      // What breaks the connection fails the statement, or the next one.
      client.on('error', () => undefined);
      try {
        await answered(client.connect());
        for (;;) {
          await answered(client.query('SELECT 1'));
          await delay(EVERY_MS, undefined, { signal: this.stopping.signal });
        }
      } catch (error) {
        if (error instanceof DatabaseSilentError) {
          this.logger.warn(`${error.message} Every connection to it is given up.`);
          this.sockets.giveUp(error);
        }
      }
      // Without a wait for the answer of a server that does not answer: it ends at once what waits for one.
      client.end().catch(() => undefined);
      await delay(EVERY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }
}

/** @throws DatabaseSilentError when the answer takes too long. */
async function answered(answer: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  const silence = async () => {
    await delay(PATIENCE_MS, undefined, { signal: patience.signal });
    // A process that was busy for so long has not read yet what has come meanwhile.
    await setImmediate();
    throw new DatabaseSilentError();
  };
  try {
    await Promise.race([answer, silence()]);
  } finally {
    patience.abort();
    answer.catch(() => undefined);
  }
}
