export const DAY_SECONDS = 86_400;

/** `YYYY-MM-DD` of the day that begins at this Unix time. */
export function dateOf(startSeconds: number): string {
  return new Date(startSeconds * 1000).toISOString().slice(0, 10);
}

/** Unix time of the start of the UTC day; NaN when the text is no day. */
export function secondsOf(date: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) / 1000 : NaN;
}

/** The days from `start` inclusive to `end` exclusive. */
export function datesBetween(start: string, end: string): string[] {
  const days = Math.max(0, (secondsOf(end) - secondsOf(start)) / DAY_SECONDS);
  return Array.from({ length: days }, (_, day) => dateOf(secondsOf(start) + day * DAY_SECONDS));
}

/** Whether the day is Saturday or Sunday, when people use less. */
export function isWeekend(date: string): boolean {
  return [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
}

/** The day so many days later. */
export function addDays(date: string, days: number): string {
  return dateOf(secondsOf(date) + days * DAY_SECONDS);
}

/** The hour of the day, 0 to 23, that begins at this Unix time. */
export function hourOf(startSeconds: number): number {
  return Math.floor((startSeconds % DAY_SECONDS) / 3_600);
}
