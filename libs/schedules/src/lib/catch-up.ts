import type { CatchUp } from '@pipelines/config-resolver';
import type { PipelineError } from '@pipelines/pipeline';
import type { Missed, Occurrence, Outcome } from './schedule.ts';

const MINUTE_MS = 60_000;

/** Without catching up, an occurrence may still start this long after its time: a restart takes no longer. */
const PUNCTUAL_MS = 5 * MINUTE_MS;
/** Older occurrences are not made up for; a backfill loads what they left out. */
export const CATCH_UP_MS = 31 * 24 * 60 * MINUTE_MS;
const FIRST_RETRY_MS = MINUTE_MS;
const LAST_RETRY_MS = 60 * MINUTE_MS;

/** Which occurrences are to start now, oldest first, and which never will. */
export interface CatchUpPlan {
  readonly start: readonly Occurrence[];
  readonly dropped: readonly Outcome[];
}

/**
 * Chooses among occurrences whose time has come, oldest first, at an instant that is not before any of them.
 *
 * With `all`, one occurrence per window starts, the newest: the runs of the others would load the same days again.
 */
export function planCatchUp(policy: CatchUp, due: readonly Occurrence[], at: Date): CatchUpPlan {
  switch (policy) {
    case 'all': {
      const newest = new Map(
        due.map((occurrence) => [occurrence.window.start + occurrence.window.end, occurrence]),
      );
      return split(due, new Set(newest.values()), {
        code: 'superseded',
        message: 'A later occurrence loads the same days.',
      });
    }
    case 'latest':
      return split(due, new Set(due.slice(-1)), {
        code: 'superseded',
        message: 'A later occurrence has come, and the pipeline catches up the latest alone.',
      });
    case 'none': {
      const punctual = due.filter(
        // One that waited was there in time.
        ({ dueAt, waitingSince }) => waitingSince || at.getTime() - dueAt.getTime() <= PUNCTUAL_MS,
      );
      return split(due, new Set(punctual), {
        code: 'too_late',
        message: 'Its time had passed before it could start, and the pipeline does not catch up.',
      });
    }
  }
}

/**
 * When an occurrence that was refused is tried again: when the refusal says so, but within the hour, because a plan
 * can change; null when the occurrence is too old. A pipeline that does not catch up waits for what need not last alone,
 * and for as long as its occurrence may still start.
 * @param offsetMs By how much the schedule starts its occurrences later.
 */
export function retryAt(
  policy: CatchUp,
  { dueAt }: Occurrence,
  now: Date,
  offsetMs: number,
  { transient, retryAfterMs = 0 }: Pick<PipelineError, 'transient' | 'retryAfterMs'>,
): Date | null {
  const lateMs = now.getTime() - offsetMs - dueAt.getTime();
  if (lateMs > CATCH_UP_MS) return null;
  if (policy === 'none' && !(transient && lateMs <= PUNCTUAL_MS)) return null;
  return new Date(now.getTime() + Math.min(Math.max(retryAfterMs, FIRST_RETRY_MS), LAST_RETRY_MS));
}

function split(
  due: readonly Occurrence[],
  start: ReadonlySet<Occurrence>,
  reason: Omit<Missed, 'retryAt'>,
): CatchUpPlan {
  const dropped = due.filter((occurrence) => !start.has(occurrence));
  return {
    start: due.filter((occurrence) => start.has(occurrence)),
    dropped: dropped.map((occurrence) => ({ ...occurrence, missed: { ...reason, retryAt: null } })),
  };
}
