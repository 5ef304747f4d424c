import { ApiProperty } from '@nestjs/swagger';
import { RUN_STATUSES, type RunEntity, type RunStatus } from '@pipelines/runs';
import { RunIdentityView } from './run-identity.view.ts';
import { RunReceiptView } from './run-receipt.view.ts';

/** When a run entered each state; null for a state it has not entered. */
export class RunTimestampsView {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly pending: Date;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly validating: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly running: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly completed: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly failed: Date | null;
}

/** How far a run is. */
export class RunProgressView {
  @ApiProperty({ type: 'integer' })
  readonly rows_extracted: number;

  @ApiProperty({ type: 'integer' })
  readonly rows_loaded: number;
}

/** Why a run failed. */
export class RunErrorView {
  @ApiProperty({ type: String, description: 'Stable; docs/errors.md tells what each means.' })
  readonly code: string;

  @ApiProperty({ type: String, nullable: true })
  readonly message: string | null;
}

/** How a run counts against the plan. */
export class RunQuotaView {
  @ApiProperty({ type: String, format: 'date', description: 'The UTC day it was counted on.' })
  readonly counted_on: string;

  @ApiProperty({ type: Boolean, description: 'Given back, because it failed by the fault of the service.' })
  readonly refunded: boolean;
}

/** A run as the API shows it. */
export class RunStatusView extends RunIdentityView {
  @ApiProperty({ type: String, enum: RUN_STATUSES })
  readonly status: RunStatus;

  @ApiProperty({ type: String, nullable: true, description: 'Why the run waits.' })
  readonly reason: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When a waiting run is tried again.',
  })
  readonly next_attempt_at: Date | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The run that this one repeats.',
  })
  readonly retry_of: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The backfill that this run does a part of.',
  })
  readonly backfill_id: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: "The occurrence of the pipeline's schedule that this run is for.",
  })
  readonly scheduled_for: Date | null;

  @ApiProperty({ type: Boolean, description: 'Whether somebody asked for the run to be cancelled.' })
  readonly cancel_requested: boolean;

  @ApiProperty({ type: RunQuotaView })
  readonly quota: RunQuotaView;

  @ApiProperty({ type: 'integer', description: 'How often a worker has taken the run up.' })
  readonly attempt: number;

  @ApiProperty({ type: RunTimestampsView })
  readonly timestamps: RunTimestampsView;

  @ApiProperty({ type: RunProgressView })
  readonly progress: RunProgressView;

  @ApiProperty({ type: String, nullable: true, description: 'SHA-256 of the resolved configuration.' })
  readonly config_hash: string | null;

  @ApiProperty({ type: RunReceiptView, nullable: true })
  readonly receipt: RunReceiptView | null;

  @ApiProperty({ type: RunErrorView, nullable: true })
  readonly error: RunErrorView | null;
}

/** Where a run can be followed. */
export function statusPath(org: string, runId: string): string {
  return `/api/v1/pipelines/status/${org}/${runId}`;
}

/** The run as the API shows it. */
export function runView(run: RunEntity): RunStatusView {
  const finished = (status: RunStatus) => (run.status === status ? run.finishedAt : null);
  return {
    run_id: run.id,
    org: run.org,
    provider: run.provider,
    domain: run.domain,
    pipeline: run.pipeline,
    status: run.status,
    reason: run.reason,
    next_attempt_at: run.nextAttemptAt,
    retry_of: run.retryOf,
    backfill_id: run.backfillId,
    scheduled_for: run.scheduledFor,
    cancel_requested: run.cancelRequested,
    quota: { counted_on: run.countedOn, refunded: run.refunded },
    attempt: run.attempt,
    window: { start: run.windowStart, end: run.windowEnd },
    timestamps: {
      pending: run.pendingAt,
      validating: run.validatingAt,
      running: run.runningAt,
      completed: finished('completed'),
      failed: finished('failed'),
    },
    progress: { rows_extracted: Number(run.rowsExtracted), rows_loaded: Number(run.rowsLoaded) },
    config_hash: run.configHash,
    receipt: run.receipt,
    error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage },
    links: { status: statusPath(run.org, run.id) },
  };
}
