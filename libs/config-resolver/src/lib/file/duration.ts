/** What a duration looks like in a configuration file: `90s`, `30m`, `2h`. */
export const DURATION = /^([1-9]\d{0,5})([smh])$/;

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration; undefined when the text is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
