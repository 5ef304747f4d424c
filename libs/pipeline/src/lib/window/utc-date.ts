import { PipelineError } from '../errors/pipeline-error.ts';

/** A UTC calendar day, written `YYYY-MM-DD`. Lexical order is calendar order. */
export type UtcDate = string;

const SHAPE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/**
 * Reads a UTC calendar day.
 * @throws PipelineError `invalid_date` naming the field when the text is not an existing day.
 */
export function parseUtcDate(text: string, field: string): UtcDate {
  const instant = SHAPE.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (Number.isNaN(instant) || toUtcDate(new Date(instant)) !== text) {
    throw new PipelineError(
      'invalid_date',
      `${field}: "${text}" is not a calendar day. Write YYYY-MM-DD, for example 2026-11-01.`,
      { facts: { field } },
    );
  }
  return text;
}

/** The UTC day that an instant falls on. */
export function toUtcDate(instant: Date): UtcDate {
  return instant.toISOString().slice(0, 10);
}

/** The day `days` later, or earlier when negative. */
export function addDays(date: UtcDate, days: number): UtcDate {
  return toUtcDate(new Date(startOfDay(date).getTime() + days * DAY_MS));
}

/** Midnight UTC at the start of the day. */
export function startOfDay(date: UtcDate): Date {
  return new Date(`${date}T00:00:00Z`);
}

/** Whole days from `start` to `end`. */
export function daysBetween(start: UtcDate, end: UtcDate): number {
  return (startOfDay(end).getTime() - startOfDay(start).getTime()) / DAY_MS;
}

/** 1 to 31. */
export function dayOfMonth(date: UtcDate): number {
  return startOfDay(date).getUTCDate();
}

/** The first day of the month before the one that the day lies in. */
export function startOfPreviousMonth(date: UtcDate): UtcDate {
  const instant = startOfDay(date);
  return toUtcDate(new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth() - 1, 1)));
}
