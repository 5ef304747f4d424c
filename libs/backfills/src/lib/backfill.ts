import type { RunStatus } from '@pipelines/runs';
import { PipelineError, type UtcDate } from '@pipelines/pipeline';

/** Which days of which pipeline a backfill loads. */
export interface BackfillRequest {
  readonly org: string;
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
  readonly startDate: UtcDate;
  /** Exclusive. */
  readonly endDate: UtcDate;
  /** Runs of the backfill that may be unfinished at once. */
  readonly maxConcurrent: number;
  /** Leaves out the days that a completed run has loaded since they were over. */
  readonly onlyMissing: boolean;
}

/** How many windows of a backfill stand where: one count per state of their runs, and those that have none yet. */
export type BackfillProgress = Readonly<Record<RunStatus | 'waiting' | 'total', number>>;

/** Many runs of one pipeline, one per window, admitted as the plan has room for them. */
export interface Backfill extends BackfillRequest {
  readonly id: string;
  /** The backfill that this one takes up again. */
  readonly retryOf: string | null;
  readonly createdAt: Date;
  readonly cancelledAt: Date | null;
  readonly finishedAt: Date | null;
  /** Why no run could be admitted at the last try, and when the next try is. */
  readonly heldBy: { readonly code: string; readonly message: string; readonly until: Date } | null;
  readonly progress: BackfillProgress;
}

/** Where a backfill stands, in the states of a run. */
export function backfillStatus({ finishedAt, progress }: Backfill): RunStatus {
  if (finishedAt === null) return progress.waiting === progress.total ? 'pending' : 'running';
  return progress.completed === progress.total ? 'completed' : 'failed';
}

/** Why an ended backfill did not complete; undefined when it did, or has not ended. */
export function backfillError(backfill: Backfill): PipelineError | undefined {
  if (backfillStatus(backfill) !== 'failed') return undefined;
  const { completed, total } = backfill.progress;
  const done = `${completed} of ${total} windows are loaded; retry the backfill to load the others.`;
  return backfill.cancelledAt === null
    ? new PipelineError('runs_failed', `Some runs of the backfill failed. ${done}`)
    : new PipelineError('cancelled', `The backfill was cancelled. ${done}`);
}
