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
 * The queue of runs beside the statements that change a run and its job together: pg-boss behind a small face, which
 * notices claims whose worker is silent and forgets jobs that have ended.
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

  /** Says that the worker of the claim is alive. False when the claim has lapsed. */
  async touch(job: ClaimedJob): Promise<boolean> {
    // The count is there, though the published type does not say so.
    const { affected }: { affected?: number } = await this.boss.pgBoss.touch(QUEUE, job);
    return affected === 1;
  }
}
