import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ScheduleQueue } from '@pipelines/queue';
import { nextOccurrence } from './occurrences.ts';
import type { KeptSchedule } from './schedule.ts';
import { ScheduleRunner } from './schedule.runner.ts';
import { ScheduleStore } from './schedule.store.ts';

const DRIVE_EVERY_MS = 1_000;
const RECONCILE_EVERY_MS = 3_600_000;
const BATCH = 10;
/** Until a schedule that could not be looked at comes up again, in this process or another. */
const RETRY_MS = 5_000;

/** Looks at schedules when their time comes. Every process does so; the queue gives a schedule to one of them. */
@Injectable()
export class ScheduleDriver implements OnApplicationBootstrap {
  private readonly logger = new Logger(ScheduleDriver.name);
  private driving = false;

  constructor(
    private readonly queue: ScheduleQueue,
    private readonly store: ScheduleStore,
    private readonly runner: ScheduleRunner,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.reconcile();
  }

  @Interval(DRIVE_EVERY_MS)
  async drive(): Promise<void> {
    if (this.driving) return;
    this.driving = true;
    try {
      let due: readonly string[];
      do {
        due = await this.queue.claim(BATCH);
        for (const id of due) await this.look(id);
      } while (due.length === BATCH);
    } catch (error) {
      this.logger.warn({ msg: 'Schedules were not looked at; it is tried again.', err: error });
    } finally {
      this.driving = false;
    }
  }

  /** Wakes schedules whose pipeline says another time than they wait for, or which wait for nothing at all. */
  @Interval(RECONCILE_EVERY_MS)
  async reconcile(): Promise<void> {
    try {
      for (const schedule of await this.store.listEnabled()) {
        if (schedule.silent || !this.waitsRightly(schedule)) await this.store.wake(schedule.id);
      }
    } catch (error) {
      this.logger.warn({ msg: 'Schedules were not compared with their pipelines.', err: error });
    }
  }

  private waitsRightly(schedule: KeptSchedule): boolean {
    const declared = this.runner.definitionOf(schedule)?.schedule;
    const due = declared && nextOccurrence(declared, schedule.handledUntil);
    return due?.getTime() === schedule.nextDueAt?.getTime();
  }

  private async look(id: string): Promise<void> {
    try {
      await this.runner.run(id);
    } catch (error) {
      this.logger.warn({ msg: `Schedule ${id} was not looked at; it comes up again.`, err: error });
      await this.store.wake(id, RETRY_MS);
    }
  }
}
