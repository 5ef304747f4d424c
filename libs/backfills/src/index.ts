export {
  backfillError,
  backfillStatus,
  type Backfill,
  type BackfillProgress,
  type BackfillRequest,
} from './lib/backfill.ts';
export { Backfills, type StartedBackfill } from './lib/backfills.ts';
export { BackfillsModule } from './lib/backfills.module.ts';
