import { pacificMonth } from './exports/pacific-month.ts';
import { GoogleRefusal } from './google-refusal.ts';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Refuses a span of prices as Google does: both ends or neither, within one calendar month in Los Angeles. */
export function requirePricingSpan(parameters: URLSearchParams): void {
  const [start, end] = [instant(parameters, 'startTime'), instant(parameters, 'endTime')];
  if (start === undefined && end === undefined) return;
  if (start === undefined || end === undefined) {
    throw invalid('startTime and endTime must be specified together.');
  }
  if (end <= start) throw invalid('endTime must be after startTime.');
  // The end is exclusive.
  if (monthOf(start) !== monthOf(end - 1)) {
    throw invalid('startTime and endTime must lie within one calendar month in America/Los_Angeles.');
  }
}

function instant(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const ms = RFC_3339.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw invalid(`${name} must be a timestamp.`);
  return ms;
}

function monthOf(ms: number): string {
  return pacificMonth(new Date(ms).toISOString());
}

function invalid(message: string): GoogleRefusal {
  return new GoogleRefusal(400, 'INVALID_ARGUMENT', message);
}
