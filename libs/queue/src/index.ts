export { QueueModule } from './lib/queue.module.ts';
export type { QueueOptions } from './lib/queue.options.ts';
export { enqueueSql, HEARTBEAT_TIMEOUT_SECONDS, RunQueue, type ClaimedJob } from './lib/run-queue.ts';
