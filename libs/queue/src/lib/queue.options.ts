/** Where the queue lives; the same database as the runs, so that one statement writes both. */
export interface QueueOptions {
  readonly url: string;
  /** Connections of the queue's own pool. Default 4. */
  readonly poolSize?: number;
}

/** Injection token of {@link QueueOptions}. */
export const QUEUE_OPTIONS = Symbol('QUEUE_OPTIONS');
