import { ApiProperty } from '@nestjs/swagger';
import { backfillError, backfillStatus, type Backfill } from '@pipelines/backfills';
import { RUN_STATUSES, type RunStatus } from '@pipelines/runs';
import { RunErrorView, statusPath } from '../runs/run-status.view.ts';
import { RunWindowView } from '../runs/run-window.view.ts';

/** How many windows of a backfill stand where. */
export class BackfillProgressView {
  @ApiProperty({ type: 'integer' })
  readonly total: number;

  @ApiProperty({ type: 'integer', description: 'Windows that have no run yet.' })
  readonly waiting: number;

  @ApiProperty({ type: 'integer' })
  readonly pending: number;

  @ApiProperty({ type: 'integer' })
  readonly validating: number;

  @ApiProperty({ type: 'integer' })
  readonly running: number;

  @ApiProperty({ type: 'integer' })
  readonly completed: number;

  @ApiProperty({ type: 'integer' })
  readonly failed: number;
}

/** Why no run of a backfill could be admitted at the last try. */
export class BackfillHoldView {
  @ApiProperty({ type: String, description: 'As of a refused run; docs/errors.md tells what each means.' })
  readonly code: string;

  @ApiProperty({ type: String })
  readonly message: string;

  @ApiProperty({ type: String, format: 'date-time', description: 'When it is tried again.' })
  readonly until: Date;
}

/** When a backfill entered each state that it has been in. */
export class BackfillTimestampsView {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly pending: Date;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly completed: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly failed: Date | null;
}

/** Where a backfill and its runs can be followed. */
export class BackfillLinksView {
  @ApiProperty({ type: String, format: 'uri-reference' })
  readonly status: string;

  @ApiProperty({ type: String, format: 'uri-reference' })
  readonly runs: string;
}

/** A backfill as the API shows it. */
export class BackfillView {
  @ApiProperty({ type: String, format: 'uuid' })
  readonly backfill_id: string;

  @ApiProperty({ type: String, example: 'acme_corp' })
  readonly org: string;

  @ApiProperty({ type: String, example: 'openai' })
  readonly provider: string;

  @ApiProperty({ type: String, example: 'cost' })
  readonly domain: string;

  @ApiProperty({ type: String, example: 'costs_daily' })
  readonly pipeline: string;

  @ApiProperty({ type: String, enum: RUN_STATUSES, description: 'Sums up the runs.' })
  readonly status: RunStatus;

  @ApiProperty({ type: RunWindowView })
  readonly window: RunWindowView;

  @ApiProperty({ type: 'integer' })
  readonly max_concurrent: number;

  @ApiProperty({ type: Boolean })
  readonly only_missing: boolean;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The backfill that this one takes up again.',
  })
  readonly retry_of: string | null;

  @ApiProperty({ type: Boolean, description: 'Whether somebody asked for the backfill to be cancelled.' })
  readonly cancel_requested: boolean;

  @ApiProperty({ type: BackfillProgressView })
  readonly runs: BackfillProgressView;

  @ApiProperty({
    type: BackfillHoldView,
    nullable: true,
    description: 'What kept the next run from being admitted.',
  })
  readonly held_by: BackfillHoldView | null;

  @ApiProperty({ type: BackfillTimestampsView })
  readonly timestamps: BackfillTimestampsView;

  @ApiProperty({ type: RunErrorView, nullable: true })
  readonly error: RunErrorView | null;

  @ApiProperty({ type: BackfillLinksView })
  readonly links: BackfillLinksView;
}

/** The backfill as the API shows it. */
export function backfillView(backfill: Backfill): BackfillView {
  const { id, org, provider, domain, pipeline, finishedAt } = backfill;
  const status = backfillStatus(backfill);
  const error = backfillError(backfill);
  return {
    backfill_id: id,
    org,
    provider,
    domain,
    pipeline,
    status,
    window: { start: backfill.startDate, end: backfill.endDate },
    max_concurrent: backfill.maxConcurrent,
    only_missing: backfill.onlyMissing,
    retry_of: backfill.retryOf,
    cancel_requested: backfill.cancelledAt !== null,
    runs: backfill.progress,
    held_by: finishedAt === null ? backfill.heldBy : null,
    timestamps: {
      pending: backfill.createdAt,
      completed: status === 'completed' ? finishedAt : null,
      failed: status === 'failed' ? finishedAt : null,
    },
    error: error ? { code: error.code, message: error.message } : null,
    links: {
      status: statusPath(org, id),
      runs: `/api/v1/pipelines/history/${org}?backfill_id=${id}`,
    },
  };
}
