import type { PipelineIdentity, PipelineSchedule } from '@pipelines/config-resolver';
import type { RunWindow } from '@pipelines/pipeline';

/** A pipeline that an organization has switched on or off, as it is kept. */
export interface KeptSchedule extends PipelineIdentity {
  readonly id: string;
  readonly org: string;
  readonly enabled: boolean;
  /** Every occurrence up to here has been dealt with. */
  readonly handledUntil: Date;
  /** Null while the schedule is off, and when the pipeline no longer declares one. */
  readonly nextDueAt: Date | null;
}

/** One time at which a schedule was due, and what its run loads. */
export interface Occurrence {
  readonly dueAt: Date;
  readonly window: RunWindow;
  /** Since when it has waited for others; absent when it never had to. */
  readonly waitingSince?: Date;
}

/** An occurrence of another schedule that one waits for. */
export interface AwaitedOccurrence {
  /** `provider/domain/pipeline`. */
  readonly pipeline: string;
  /** ISO 8601. */
  readonly dueAt: string;
  readonly runId: string | null;
  /** What became of it. `waiting` is one that has not ended; only such a one is waited for. */
  readonly state: 'waiting' | 'completed' | 'failed' | 'missed';
}

/** Why an occurrence has no run. */
export interface Missed {
  /** The code of the error that refused the run, or `waiting`, `superseded` or `too_late`. */
  readonly code: string;
  readonly message: string;
  /** When it is tried again; null when it is not. */
  readonly retryAt: Date | null;
}

/** What became of an occurrence: it has a run, or was missed. */
export type Outcome = Occurrence & {
  /** What it waits or has waited for; absent when nothing. */
  readonly waitedFor?: readonly AwaitedOccurrence[];
} & ({ readonly runId: string } | { readonly missed: Missed });

/** A schedule with what its pipeline declares and what became of its newest occurrences. */
export interface Schedule extends PipelineIdentity {
  readonly org: string;
  readonly declared: PipelineSchedule;
  readonly enabled: boolean;
  readonly nextDueAt: Date | null;
  /** Newest first. */
  readonly occurrences: readonly Outcome[];
}
