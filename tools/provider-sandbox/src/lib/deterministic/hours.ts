import { DAY_SECONDS, hourOf } from './days.ts';
import { Draw } from './draw.ts';

/** Whether an entry of the hour belongs to the bucket: of a day all do, of an hour its own, of a minute those of its hour's first. */
export function isInBucket({ hour }: { readonly hour: number }, start: number, width: number): boolean {
  return width === DAY_SECONDS || (start % 3_600 === 0 && hour === hourOf(start));
}

/**
 * Spreads the counts of a day over one to three of its hours, so that the hours add up to the day.
 * @param key Tells the entry from others.
 */
export function spreadOverHours<T extends object>(
  entry: T,
  counts: readonly (keyof T)[],
  ...key: readonly (string | number)[]
): (T & { readonly hour: number })[] {
  const draw = new Draw('hours', ...key);
  const parts = 1 + draw.below(3);
  const first = draw.below(8);
  return Array.from({ length: parts }, (_, part) => {
    const shares = counts.map((name) => {
      const total = Number(entry[name]);
      const share = Math.floor(total / parts);
      return [name, part === 0 ? total - share * (parts - 1) : share] as const;
    });
    return { ...entry, ...(Object.fromEntries(shares) as Partial<T>), hour: first + part * 7 };
  });
}
