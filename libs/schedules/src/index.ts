export type { Missed, Occurrence, Outcome, Schedule } from './lib/schedule.ts';
export { Schedules } from './lib/schedules.ts';
export { SchedulesModule } from './lib/schedules.module.ts';
