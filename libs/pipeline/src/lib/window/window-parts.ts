import type { RunWindow } from './run-window.ts';
import { addDays, daysBetween } from './utc-date.ts';

/** Thirteen pages of a week: what a provider that answers five requests a minute lets through in about three minutes. */
const PART_DAYS = 91;

/**
 * Cuts a window into parts of 13 weeks, in order; the last part takes the rest as well, so that none is shorter.
 *
 * A walk over the pages of a long window goes part by part, each with cursors of its own. So no cursor has to live for
 * longer than a part takes, however long the provider makes the walk wait, and a walk can go on from the beginning of any
 * part without anything that the provider said before.
 */
export function windowParts({ start, end }: RunWindow, days = PART_DAYS): RunWindow[] {
  const count = Math.max(1, Math.floor(daysBetween(start, end) / days));
  return Array.from({ length: count }, (_, index) => ({
    start: addDays(start, index * days),
    end: index === count - 1 ? end : addDays(start, (index + 1) * days),
  }));
}
