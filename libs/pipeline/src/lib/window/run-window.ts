import { PipelineError } from '../errors/pipeline-error.ts';
import {
  addDays,
  dayOfMonth,
  daysBetween,
  parseUtcDate,
  startOfPreviousMonth,
  type UtcDate,
} from './utc-date.ts';

/** The UTC days that a run loads: `start` inclusive, `end` exclusive. */
export interface RunWindow {
  readonly start: UtcDate;
  readonly end: UtcDate;
}

/** What a caller may say of the window: one day, a half-open range, or nothing. */
export interface WindowRequest {
  readonly date?: string;
  readonly start_date?: string;
  readonly end_date?: string;
}

/** The window of a run whose caller names none: `lookbackDays` days, the last of which is `lastDay`. */
export interface DefaultWindow {
  readonly lastDay: 'yesterday' | 'today';
  readonly lookbackDays: number;
  /**
   * Day of the month through which the window reaches back to the first day of the previous month, so that what a
   * provider corrects when it closes a month is loaded again. Absent: never.
   */
  readonly restatePreviousMonthUntilDay?: number;
}

/** The longest window one run may load, in days; longer spans are a backfill of several runs. */
export const MAX_WINDOW_DAYS = 366;

/**
 * The window of a run: the caller's when one is given, otherwise the pipeline's default. The current UTC day may be loaded although it is not over; later days may not.
 *
 * @throws PipelineError `validation_failed`, `invalid_date`, `window_reversed`, `date_in_future` or `window_too_long`.
 */
export function resolveWindow(
  request: WindowRequest,
  defaultWindow: DefaultWindow,
  today: UtcDate,
): RunWindow {
  const window = requestedWindow(request) ?? trailingWindow(defaultWindow, today);
  const field = request.date === undefined ? 'end_date' : 'date';
  assertWindow(window, today, {
    field,
    maxDays: MAX_WINDOW_DAYS,
    advice: 'Split it, or ask for a backfill.',
  });
  return window;
}

/** What a span of days may be, and how to say that it is not. */
export interface WindowLimits {
  /** The request's field that the end comes from. */
  readonly field: string;
  readonly maxDays: number;
  /** What to do about a span that is too long. */
  readonly advice: string;
}

/**
 * Checks that the window is not empty, ends with today at the latest, and is not too long.
 * @throws PipelineError `window_reversed`, `date_in_future` or `window_too_long`.
 */
export function assertWindow(
  window: RunWindow,
  today: UtcDate,
  { field, maxDays, advice }: WindowLimits,
): void {
  if (window.end <= window.start) {
    throw new PipelineError(
      'window_reversed',
      `end_date ${window.end} must be after start_date ${window.start}: the end is exclusive.`,
      { facts: { field: 'end_date' } },
    );
  }
  if (window.end > addDays(today, 1)) {
    throw new PipelineError(
      'date_in_future',
      `${field}: the window ends with ${addDays(window.end, -1)}, but today is ${today} (UTC). Ask for days up to today.`,
      { facts: { field } },
    );
  }
  const days = daysBetween(window.start, window.end);
  if (days > maxDays) {
    throw new PipelineError(
      'window_too_long',
      `The window covers ${days} days; at most ${maxDays} are allowed here. ${advice}`,
      { facts: { field } },
    );
  }
}

function trailingWindow(
  { lastDay, lookbackDays, restatePreviousMonthUntilDay = 0 }: DefaultWindow,
  today: UtcDate,
): RunWindow {
  const end = lastDay === 'today' ? addDays(today, 1) : today;
  const start = addDays(end, -lookbackDays);
  if (dayOfMonth(today) > restatePreviousMonthUntilDay) return { start, end };
  const previousMonth = startOfPreviousMonth(today);
  return { start: start < previousMonth ? start : previousMonth, end };
}

function requestedWindow({ date, start_date, end_date }: WindowRequest): RunWindow | undefined {
  if (date !== undefined) {
    if (start_date !== undefined || end_date !== undefined) {
      throw new PipelineError('validation_failed', 'Give either date, or start_date and end_date, not both.');
    }
    const start = parseUtcDate(date, 'date');
    return { start, end: addDays(start, 1) };
  }
  if (start_date === undefined && end_date === undefined) return undefined;
  if (start_date === undefined || end_date === undefined) {
    const missing = start_date === undefined ? 'start_date' : 'end_date';
    throw new PipelineError(
      'validation_failed',
      `${missing} is missing: start_date and end_date go together.`,
      {
        facts: { field: missing },
      },
    );
  }
  return { start: parseUtcDate(start_date, 'start_date'), end: parseUtcDate(end_date, 'end_date') };
}
