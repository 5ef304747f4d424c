/** What becomes of occurrences that came while nothing could be started. */
export const CATCH_UPS = ['all', 'latest', 'none'] as const;

/**
 * `all`: every window that was missed is loaded, once, however many occurrences would have loaded it; `latest`: only the
 * newest missed occurrence is made up for; `none`: what could not start in time is not started later.
 */
export type CatchUp = (typeof CATCH_UPS)[number];

/** When a pipeline runs by itself, for the organizations that switch its schedule on. */
export interface PipelineSchedule {
  /** Five fields, read in the time zone. */
  readonly cron: string;
  /** Name of the IANA time zone database. */
  readonly timezone: string;
  /** Organizations start spread over this long after an occurrence, each always at the same distance. */
  readonly jitterMs: number;
  readonly catchUp: CatchUp;
}
