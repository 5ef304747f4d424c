import { Module } from '@nestjs/common';
import { Dependencies } from './dependencies.ts';
import { ScheduleDriver } from './schedule.driver.ts';
import { ScheduleRunner } from './schedule.runner.ts';
import { ScheduleStore } from './schedule.store.ts';
import { Schedules } from './schedules.ts';

/** Schedules, and what starts their runs. Runs, catalog, queue and database come from the application. */
@Module({
  providers: [ScheduleStore, Dependencies, ScheduleRunner, ScheduleDriver, Schedules],
  exports: [Schedules],
})
export class SchedulesModule {}
