import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { QUEUE, SCHEDULE_QUEUE, SCHEMA } from './queue-names.ts';
import { QUEUE_OPTIONS, type QueueOptions } from './queue.options.ts';

/**
 * A claim whose worker has not been heard of for this long is given to another worker. The sweep that notices
 * runs every {@link SUPERVISE_SECONDS}.
 */
const HEARTBEAT_TIMEOUT_SECONDS = 15;
const SUPERVISE_SECONDS = 5;

/** Whether anything is tried again is its own matter; a queue never gives up. */
const UNLIMITED = 100_000;

/** As for the database's own pool, and longer, because pg-boss also migrates its tables through it. */
const CONNECTION = { keepAlive: true, query_timeout: 60_000 };

const QUEUES = {
  /**
   * A table of its own has fewer indexes to write than the one that queues of every policy share. pg-boss's own expiry is
   * only a backstop behind the heartbeat and the pipeline's timeout.
   */
  [QUEUE]: {
    partition: true,
    settings: {
      expireInSeconds: 23 * 3600,
      heartbeatSeconds: HEARTBEAT_TIMEOUT_SECONDS,
      retryLimit: UNLIMITED,
    },
  },
  /** A schedule is at work for as long as it takes to admit its runs; doing it twice does no harm. */
  [SCHEDULE_QUEUE]: { partition: false, settings: { expireInSeconds: 60, retryLimit: UNLIMITED } },
} as const;

/** The process's pg-boss with its queues. It speaks of one database, that of the runs. */
@Injectable()
export class Boss implements OnModuleInit, OnApplicationShutdown {
  readonly pgBoss: PgBoss;
  private readonly logger = new Logger(Boss.name);

  constructor(@Inject(QUEUE_OPTIONS) { url, poolSize = 4, stream }: QueueOptions) {
    // pg-boss hands its options on to pg, but its type does not know them all.
    const connection = { ...CONNECTION, stream };
    this.pgBoss = new PgBoss({
      connectionString: url,
      schema: SCHEMA,
      application_name: 'pipelines-queue',
      ...connection,
      max: poolSize,
      schedule: false,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    this.pgBoss.on('error', (error) => this.logger.error(`Queue: ${error.message}`));
  }

  async onModuleInit(): Promise<void> {
    await this.pgBoss.start();
    for (const [queue, { partition, settings }] of Object.entries(QUEUES)) {
      await this.pgBoss.createQueue(queue, { policy: 'standard', partition, ...settings });
      // Creating leaves a queue of an earlier release as it was, and its table cannot be changed.
      await this.pgBoss.updateQueue(queue, settings);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pgBoss.stop({ graceful: false });
  }
}
