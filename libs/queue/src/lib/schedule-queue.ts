import { Injectable } from '@nestjs/common';
import { Boss } from './boss.ts';
import { SCHEDULE_QUEUE } from './queue-names.ts';

/** The queue of schedules, each of which waits in it as one job for the time when it is to be looked at. */
@Injectable()
export class ScheduleQueue {
  constructor(private readonly boss: Boss) {}

  /** Ids of up to `limit` schedules whose time has come. No other process gets them until they wait again. */
  async claim(limit: number): Promise<readonly string[]> {
    const jobs = await this.boss.pgBoss.fetch(SCHEDULE_QUEUE, { batchSize: limit });
    return jobs.map(({ id }) => id);
  }
}
