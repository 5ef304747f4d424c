export { Boss } from './lib/boss.ts';
export {
  claimSql,
  completeSql,
  enqueueSql,
  hastenSql,
  jobMissingSql,
  nextJobsSql,
  QUEUE_EXISTS,
  requeueSql,
  withdrawSql,
} from './lib/queue-sql.ts';
export { QueueModule } from './lib/queue.module.ts';
export type { QueueOptions } from './lib/queue.options.ts';
export { RunQueue, type ClaimedJob } from './lib/run-queue.ts';
export { ScheduleQueue } from './lib/schedule-queue.ts';
export { scheduleSilentSql, silenceScheduleSql, wakeScheduleSql } from './lib/schedule-sql.ts';
