import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { QUEUE, SCHEMA } from './queue-sql.ts';
import { QUEUE_OPTIONS, type QueueOptions } from './queue.options.ts';

/** One claim of a run's job. A later claim of the same job has a higher `retryCount`. */
export interface ClaimedJob {
  /** The run's id. */
  readonly id: string;
  readonly retryCount: number;
}

/**
 * A claim whose worker has not been heard of for this long is given to another worker. The sweep that notices
 * runs every {@link SUPERVISE_SECONDS}.
 */
const HEARTBEAT_TIMEOUT_SECONDS = 15;
const SUPERVISE_SECONDS = 5;

/** Whether a run is tried again is the run's own matter; the queue itself never gives up. */
const UNLIMITED = 100_000;

/** pg-boss's own expiry is only a backstop behind the heartbeat and the pipeline's timeout. */
const EXPIRE_SECONDS = 23 * 3600;

/**
 * The queue of runs: pg-boss behind a small face. Workers claim with `fetch` instead of pg-boss's `work`, whose
 * polling bounds both latency and throughput.
 */
@Injectable()
export class RunQueue implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(RunQueue.name);
  private readonly boss: PgBoss;
  private wakeListener: () => void = () => undefined;

  constructor(@Inject(QUEUE_OPTIONS) { url, poolSize = 4 }: QueueOptions) {
    this.boss = new PgBoss({
      connectionString: url,
      schema: SCHEMA,
      application_name: 'pipelines-queue',
      max: poolSize,
      schedule: false,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    this.boss.on('error', (error) => this.logger.error(`Queue: ${error.message}`));
  }

  async onModuleInit(): Promise<void> {
    await this.boss.start();
    const settings = {
      retryLimit: UNLIMITED,
      expireInSeconds: EXPIRE_SECONDS,
      heartbeatSeconds: HEARTBEAT_TIMEOUT_SECONDS,
    };
    await this.boss.createQueue(QUEUE, { policy: 'standard', ...settings });
    // Creating leaves a queue of an earlier release as it was.
    await this.boss.updateQueue(QUEUE, settings);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.boss.stop({ graceful: false });
  }

  /** Calls the listener whenever a job of this process may be waiting. A worker has one listener. */
  onWake(listener: () => void): void {
    this.wakeListener = listener;
  }

  /** Tells this process's worker that a job was committed. */
  wake(): void {
    this.wakeListener();
  }

  /**
   * Claims up to `limit` waiting jobs, by priority and then by age. Organizations that have nothing at work anywhere
   * come first with a job each; what is left of the limit goes to whoever waits, so that no slot stays idle.
   */
  async claim(limit: number): Promise<readonly ClaimedJob[]> {
    const first = await this.boss.fetch(QUEUE, { batchSize: limit, groupConcurrency: 1 });
    const left = limit - first.length;
    const rest = left > 0 ? await this.boss.fetch(QUEUE, { batchSize: left }) : [];
    return [...first, ...rest].map(({ id, retryCount }) => ({ id, retryCount }));
  }

  /** Says that the worker of the claim is alive. False when the claim has lapsed. */
  async touch(job: ClaimedJob): Promise<boolean> {
    // The count is there, though the published type does not say so.
    const { affected }: { affected?: number } = await this.boss.touch(QUEUE, job);
    return affected === 1;
  }

  /** Ends the job of a run that had ended before it was claimed. A lapsed claim changes nothing. */
  async complete(job: ClaimedJob): Promise<void> {
    await this.boss.complete(QUEUE, job);
  }
}
