/**
 * How far sources were read, by clock: instants as `2026-11-01T00:00:00.000000Z`, which compare as texts. A table that
 * does not name the column of its clocks has one, called by the empty text.
 */
export type Watermarks = Readonly<Record<string, string>>;

/** The watermarks as a proof and a receipt state them. */
export interface ReachedWatermarks {
  /** The latest of all clocks; absent when nothing was read yet. */
  readonly watermark?: string;
  /** By clock; absent where there is one alone. */
  readonly watermarks?: Watermarks;
}

/** The only clock of a table that does not name the column of its clocks. */
const ONE_CLOCK = '';

/** The watermarks by clock, however many clocks there are. */
export function byClock({ watermark, watermarks }: ReachedWatermarks): Watermarks {
  return watermarks ?? (watermark === undefined ? {} : { [ONE_CLOCK]: watermark });
}

/** The watermark of a table with one clock. */
export function ofOneClock(watermarks: Watermarks | undefined): string | undefined {
  return watermarks?.[ONE_CLOCK];
}

/** The later one of each clock. */
export function laterOf(first: Watermarks, second: Watermarks): Watermarks {
  const later = new Map(Object.entries(first));
  for (const [clock, watermark] of Object.entries(second)) {
    const known = later.get(clock);
    if (known === undefined || known < watermark) later.set(clock, watermark);
  }
  return Object.fromEntries(later);
}

/** The latest of all clocks. */
export function latestOf(watermarks: Watermarks): string | undefined {
  return Object.values(watermarks).sort().at(-1);
}
