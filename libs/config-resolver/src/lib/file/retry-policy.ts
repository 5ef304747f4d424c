/** How often, and after how long, a run is tried again after a transient error. */
export interface RetryPolicy {
  /** Tries after the first one. */
  readonly limit: number;
  readonly delayMs: number;
}
