/** How this process takes part in running pipelines. */
export interface RunsOptions {
  /** Whether this process executes runs, or only admits them. */
  readonly executes: boolean;
  /** Runs at once in this process. */
  readonly concurrency: number;
  /** How long runs may go on once the process was told to stop; then they are given back. */
  readonly shutdownGraceMs: number;
  /** How long after its end a run is moved to the archive, in days; at least 1. */
  readonly archiveAfterDays: number;
  /** First wait between two looks whether it is a run's turn to commit; grows up to 20 times. Default 100. */
  readonly commitPollMs?: number;
}

/** Injection token of {@link RunsOptions}. */
export const RUNS_OPTIONS = Symbol('RUNS_OPTIONS');
