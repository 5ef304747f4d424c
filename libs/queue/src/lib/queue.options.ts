import type { Duplex } from 'node:stream';

/** Where the queue lives; the same database as the runs, so that one statement writes both. */
export interface QueueOptions {
  readonly url: string;
  /** Connections of the queue's own pool. Default 4. */
  readonly poolSize?: number;
  /** Makes the sockets of its connections, for whoever gives them up when the database falls silent. */
  readonly stream?: () => Duplex;
}

/** Injection token of {@link QueueOptions}. */
export const QUEUE_OPTIONS = Symbol('QUEUE_OPTIONS');
