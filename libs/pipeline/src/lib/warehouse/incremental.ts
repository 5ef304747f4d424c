import { addDays, type UtcDate } from '../window/utc-date.ts';
import type { RunWindow } from '../window/run-window.ts';
import type { LoadProof, StagedTotals } from './receipt.ts';
import type { Load } from './warehouse.ts';

/** Whether a load takes in what its sources got since an earlier one, beside the days of its window. */
export function isIncremental({ schema }: Pick<Load, 'schema'>): boolean {
  return schema.watermarkColumn !== undefined;
}

/**
 * What the proof of an incremental load says beside rows and money; of any other load, nothing.
 * @param since The watermark that the load began from. Where nothing newer was staged, it still holds.
 */
export function proveIncrement(
  { schema, window }: Pick<Load, 'schema' | 'window'>,
  { days = [], watermark }: Pick<StagedTotals, 'days' | 'watermark'>,
  since?: string,
): Pick<LoadProof, 'spans' | 'watermark'> {
  if (schema.watermarkColumn === undefined) return {};
  const reached = [since, watermark].filter((text) => text !== undefined).sort();
  return { spans: daySpans(window, days), watermark: reached.at(-1) };
}

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
