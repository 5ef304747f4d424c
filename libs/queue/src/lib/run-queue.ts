import { Injectable } from '@nestjs/common';
import { Boss } from './boss.ts';
import { QUEUE } from './queue-names.ts';

/** One claim of a run's job. A later claim of the same job has a higher `retryCount`. */
export interface ClaimedJob {
  /** The run's id. */
  readonly id: string;
  readonly retryCount: number;
}

/**
 * The queue of runs: pg-boss behind a small face. Workers claim with `fetch` instead of pg-boss's `work`, whose
 * polling bounds both latency and throughput.
 */
@Injectable()
export class RunQueue {
  private wakeListener: () => void = () => undefined;

  constructor(private readonly boss: Boss) {}

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
    const first = await this.boss.pgBoss.fetch(QUEUE, { batchSize: limit, groupConcurrency: 1 });
    const left = limit - first.length;
    const rest = left > 0 ? await this.fetchRest(left) : [];
    return [...first, ...rest].map(({ id, retryCount }) => ({ id, retryCount }));
  }

  /** What was claimed first is at work; that no more could be claimed must not keep it from its worker. */
  private async fetchRest(limit: number): Promise<readonly ClaimedJob[]> {
    try {
      return await this.boss.pgBoss.fetch(QUEUE, { batchSize: limit });
    } catch {
      return [];
    }
  }

  /** Says that the worker of the claim is alive. False when the claim has lapsed. */
  async touch(job: ClaimedJob): Promise<boolean> {
    // The count is there, though the published type does not say so.
    const { affected }: { affected?: number } = await this.boss.pgBoss.touch(QUEUE, job);
    return affected === 1;
  }

  /** Ends the job of a run that had ended before it was claimed. A lapsed claim changes nothing. */
  async complete(job: ClaimedJob): Promise<void> {
    await this.boss.pgBoss.complete(QUEUE, job);
  }
}
