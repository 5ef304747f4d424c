import type {
  ErrorCode,
  ControlProof,
  LeftOutPart,
  LoadProof,
  LoadTarget,
  MoneyTotal,
  PassedOverRows,
  Restatement,
  UtcDate,
  WarehousePlace,
  Watermarks,
  WriteDisposition,
} from '@pipelines/pipeline';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RunStatus } from './run-status.ts';

/**
 * What was proven of the staged rows and where they were to go, written to the run right before its commit: from then
 * on the warehouse is asked what became of it, even when the attempt that committed is lost.
 */
export interface RunProof extends LoadProof {
  readonly target: LoadTarget;
  /** Where the commit was about to be made. */
  readonly place?: WarehousePlace;
  /** Of an incremental load. */
  readonly increment?: Increment;
  /** What ended the attempt before it knew of its commit. */
  readonly interruption?: Interruption;
}

/** What a run fails with when the commit that it interrupted turns out not to have taken place. */
export interface Interruption {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether the run begins anew instead, as far as the pipeline's `retry` allows. */
  readonly transient: boolean;
  /** How often the run had been sent back before; inquiries after the commit do not count. */
  readonly retries: number;
}

/** Where an incremental load began, and what the watermark that it reaches holds for. */
export interface Increment {
  /** The target and the sources. A watermark of another scope is no one's. */
  readonly scope: object;
  /** The watermarks that the load began from; absent when it loaded everything. */
  readonly since?: Watermarks;
  /** The revision of the watermarks that were known at the time. */
  readonly revision: number;
}

/** What a completed run proves: the rows and sums at every step, and what they changed. */
export interface RunReceipt {
  readonly target: string;
  readonly write_disposition: WriteDisposition;
  readonly rows: LoadProof['rows'] & { readonly committed: number; readonly replaced: number };
  readonly money: LoadProof['money'] & { readonly committed: readonly MoneyTotal[] };
  /** What staging took: the upload or file, and what a staging query read. */
  readonly bytes: { readonly staged: number; readonly processed: number };
  readonly partitions_replaced: readonly UtcDate[];
  readonly restatement: Restatement;
  /** Of a query pipeline with a control: what was extracted is what that says of the sources. */
  readonly control?: ControlProof;
  /** Rows of the sources that are not loaded, by what they lack; absent when there are none. */
  readonly passed_over?: readonly PassedOverRows[];
  /** Optional parts that the provider refused or failed to give; absent when there are none. */
  readonly left_out?: readonly LeftOutPart[];
  /** Of an incremental pipeline: how far it has read its sources, by their latest clock. */
  readonly watermark?: string;
  /** Of an incremental pipeline whose sources have several clocks: how far it has read by each. */
  readonly watermarks?: Watermarks;
  /** Staging first, the commit last. */
  readonly job_ids: readonly string[];
  /** True when an earlier attempt of the run had committed and this one only confirmed it. */
  readonly already_committed: boolean;
}

/** One execution of one pipeline for one organization over one window of UTC days, until it is archived. */
@Entity({ schema: 'pipelines', name: 'runs' })
export class RunEntity {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ name: 'org_slug', type: 'text' })
  org: string;

  @Column({ type: 'text' })
  provider: string;

  @Column({ type: 'text' })
  domain: string;

  @Column({ type: 'text' })
  pipeline: string;

  @Column({ type: 'text' })
  status: RunStatus;

  /** Why a run waits; null once it is claimed. */
  @Column({ type: 'text', nullable: true })
  reason: string | null;

  /** Raised by every claim; a write of an older attempt is refused. */
  @Column({ type: 'integer' })
  attempt: number;

  /** How often a transient failure sent the run back to the queue. */
  @Column({ type: 'integer' })
  retries: number;

  /** Attempts whose worker was lost. */
  @Column({ name: 'lost_attempts', type: 'integer' })
  lostAttempts: number;

  /** When a waiting run is tried again; null when it may start at once. */
  @Column({ name: 'next_attempt_at', type: 'timestamptz', precision: 3, nullable: true })
  nextAttemptAt: Date | null;

  @Column({ name: 'window_start', type: 'date' })
  windowStart: string;

  @Column({ name: 'window_end', type: 'date' })
  windowEnd: string;

  /** SHA-256 of the resolved configuration. */
  @Column({ name: 'config_hash', type: 'text', nullable: true })
  configHash: string | null;

  /** The run that this one repeats. */
  @Column({ name: 'retry_of', type: 'uuid', nullable: true })
  retryOf: string | null;

  /** The backfill that this run does one window of. */
  @Column({ name: 'backfill_id', type: 'uuid', nullable: true })
  backfillId: string | null;

  /** The occurrence of the pipeline's schedule that this run is for. */
  @Column({ name: 'scheduled_for', type: 'timestamptz', precision: 3, nullable: true })
  scheduledFor: Date | null;

  /** The UTC day whose daily and monthly limit the run was counted against. */
  @Column({ name: 'counted_on', type: 'date' })
  countedOn: string;

  /** Whether that unit was given back, because the run failed by our own fault. */
  @Column({ type: 'boolean' })
  refunded: boolean;

  @Column({ name: 'cancel_requested', type: 'boolean' })
  cancelRequested: boolean;

  /** bigint arrives as text. */
  @Column({ name: 'rows_extracted', type: 'bigint' })
  rowsExtracted: string;

  @Column({ name: 'rows_loaded', type: 'bigint' })
  rowsLoaded: string;

  @Column({ type: 'jsonb', nullable: true })
  proof: RunProof | null;

  @Column({ type: 'jsonb', nullable: true })
  receipt: RunReceipt | null;

  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode: string | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage: string | null;

  @Column({ name: 'pending_at', type: 'timestamptz', precision: 3 })
  pendingAt: Date;

  @Column({ name: 'validating_at', type: 'timestamptz', precision: 3, nullable: true })
  validatingAt: Date | null;

  @Column({ name: 'running_at', type: 'timestamptz', precision: 3, nullable: true })
  runningAt: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', precision: 3, nullable: true })
  finishedAt: Date | null;

  @Column({ name: 'lease_expires_at', type: 'timestamptz', precision: 3, nullable: true })
  leaseExpiresAt: Date | null;
}
