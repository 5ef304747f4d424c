import { addDays, latestOf, type UtcDate, type Watermarks } from '@pipelines/pipeline';

/** A billing account that was silent for so long does not make every run look as far back. */
const DORMANT_DAYS = 40;

/** How far the exports were read, by the clock of each billing account. */
export class KnownClocks {
  constructor(
    private readonly watermarks: Watermarks,
    private readonly lookbackDays: number,
  ) {}

  has(clock: string): boolean {
    return Object.hasOwn(this.watermarks, clock);
  }

  /** The latest instant of all clocks. */
  get latest(): string {
    return latestOf(this.watermarks)!;
  }

  /**
   * For {@link SqlDialect.knownClocks}: of each clock the instant after which rows are compared with what was loaded. It
   * lies before the watermark by the days of the look-back, for a row may come with an older export time than others.
   */
  get parameter(): string {
    return JSON.stringify(
      Object.entries(this.watermarks).map(([clock, watermark]) => [
        clock,
        addDays(watermark.slice(0, 10), -this.lookbackDays) + watermark.slice(10),
      ]),
    );
  }

  /**
   * The day on which, or later, every row was appended that has to be compared. What a run has not seen is appended after
   * it began, whatever its own clock says; so a clock that stands still for good bounds nothing.
   */
  get appendedFrom(): UtcDate {
    const [latest, dormant] = [this.latest.slice(0, 10), addDays(this.latest.slice(0, 10), -DORMANT_DAYS)];
    const [earliest = latest] = Object.values(this.watermarks)
      .map((watermark) => watermark.slice(0, 10))
      .sort();
    return addDays(earliest < dormant ? dormant : earliest, -this.lookbackDays);
  }
}
