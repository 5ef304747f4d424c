import type { AwaitedOccurrence, Occurrence, Outcome } from './schedule.ts';

/** Columns of `pipelines.schedules` under the names of a kept schedule. */
export const SCHEDULE_COLUMNS = `schedules.id, org_slug AS org, provider, domain, pipeline, enabled,
  handled_until AS "handledUntil", next_due_at AS "nextDueAt"`;

/** Columns of `pipelines.schedule_occurrences` that tell when one was due, and what it loads. */
export const OCCURRENCE_COLUMNS = 'due_at, window_start::text, window_end::text, waiting_since';

/** A row of `pipelines.schedule_occurrences`; what became of it is absent when it was not asked for. */
export interface OccurrenceRow {
  due_at: Date;
  window_start: string;
  window_end: string;
  waiting_since: Date | null;
  waited_for: readonly AwaitedOccurrence[];
  run_id: string | null;
  missed_code: string | null;
  missed_message: string | null;
  retry_at: Date | null;
}

/** When the occurrence was due, and what it loads. */
export function occurrenceOf({ due_at, window_start, window_end, waiting_since }: OccurrenceRow): Occurrence {
  return {
    dueAt: due_at,
    window: { start: window_start, end: window_end },
    ...(waiting_since && { waitingSince: waiting_since }),
  };
}

/** The occurrence with its run, or why it has none. */
export function outcomeOf(row: OccurrenceRow): Outcome {
  const occurrence = {
    ...occurrenceOf(row),
    ...(row.waited_for.length > 0 && { waitedFor: row.waited_for }),
  };
  return row.run_id === null
    ? {
        ...occurrence,
        missed: { code: row.missed_code!, message: row.missed_message!, retryAt: row.retry_at },
      }
    : { ...occurrence, runId: row.run_id };
}
