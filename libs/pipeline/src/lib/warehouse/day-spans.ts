import { PipelineError } from '../errors/pipeline-error.ts';
import { addDays, parseUtcDate, type UtcDate } from '../window/utc-date.ts';
import type { RunWindow } from '../window/run-window.ts';

/** The window and the days as the fewest spans that hold them all, in order. */
export function daySpans(window: RunWindow, days: readonly UtcDate[]): RunWindow[] {
  const single = days.map((day) => ({ start: day, end: addDays(day, 1) }));
  const spans: RunWindow[] = [];
  for (const span of [window, ...single].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = spans.at(-1);
    if (last === undefined || span.start > last.end) spans.push(span);
    else if (span.end > last.end) spans[spans.length - 1] = { start: last.start, end: span.end };
  }
  return spans;
}

/**
 * The days of the window from the first day on.
 * @throws PipelineError `configuration_invalid` when there are none.
 */
export function windowFrom({ start, end }: RunWindow, firstDay?: UtcDate): RunWindow {
  if (firstDay === undefined || firstDay <= start) return { start, end };
  if (firstDay < end) return { start: firstDay, end };
  throw new PipelineError(
    'configuration_invalid',
    `The window ends with ${addDays(end, -1)}, but the pipeline loads nothing before ${firstDay}. Ask for later days, or change processor.options.since.`,
    { facts: { field: 'since' } },
  );
}

/**
 * Condition in the SQL of every warehouse: the day, a DATE expression, lies in one of the spans. They are constants,
 * because BigQuery prunes partitions by nothing else.
 * @throws PipelineError `invalid_date`
 */
export function inSpans(day: string, spans: readonly RunWindow[]): string {
  const within = spans.map(
    ({ start, end }) => `${day} >= ${dateLiteral(start)} AND ${day} < ${dateLiteral(end)}`,
  );
  return within.length === 1 ? within[0]! : `(${within.join(' OR ')})`;
}

function dateLiteral(date: string): string {
  return `DATE '${parseUtcDate(date, 'window')}'`;
}
