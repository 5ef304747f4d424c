import { ApiProperty } from '@nestjs/swagger';
import type { CatchUp } from '@pipelines/config-resolver';
import type { Outcome, Schedule } from '@pipelines/schedules';
import { statusPath } from '../runs/run-status.view.ts';
import { RunWindowView } from '../runs/run-window.view.ts';

/** Why an occurrence has no run. */
export class MissedOccurrenceView {
  @ApiProperty({
    type: String,
    description: 'As of a refused run (docs/errors.md), or waiting, superseded or too_late.',
    example: 'quota_exceeded',
  })
  readonly code: string;

  @ApiProperty({ type: String })
  readonly message: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it is tried again; null when it is not.',
  })
  readonly retry_at: Date | null;
}

/** A run of another pipeline's schedule that an occurrence waits or has waited for. */
export class AwaitedOccurrenceView {
  @ApiProperty({ type: String, example: 'openai/cost/costs_daily' })
  readonly pipeline: string;

  @ApiProperty({ type: String, format: 'date-time', description: 'When that one was due.' })
  readonly due_at: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  readonly run_id: string | null;

  @ApiProperty({
    enum: ['waiting', 'completed', 'failed', 'missed'],
    description: 'What became of it; waiting, when it had not ended.',
  })
  readonly state: string;
}

/** One time at which the schedule was due, and what became of it. */
export class OccurrenceView {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly due_at: Date;

  @ApiProperty({ type: RunWindowView })
  readonly window: RunWindowView;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  readonly run_id: string | null;

  @ApiProperty({
    type: String,
    format: 'uri-reference',
    nullable: true,
    description: 'Where the run can be followed.',
  })
  readonly run: string | null;

  @ApiProperty({ type: MissedOccurrenceView, nullable: true })
  readonly missed: MissedOccurrenceView | null;

  @ApiProperty({
    type: [AwaitedOccurrenceView],
    description:
      'What it waits or has waited for: runs of the same day of pipelines that this one depends on.',
  })
  readonly waited_for: readonly AwaitedOccurrenceView[];
}

/** The schedule of a pipeline for an organization. */
export class ScheduleView {
  @ApiProperty({ type: String, example: 'acme_corp' })
  readonly org: string;

  @ApiProperty({ type: String, example: 'openai' })
  readonly provider: string;

  @ApiProperty({ type: String, example: 'cost' })
  readonly domain: string;

  @ApiProperty({ type: String, example: 'costs_daily' })
  readonly pipeline: string;

  @ApiProperty({ type: String, example: '0 3 * * *' })
  readonly cron: string;

  @ApiProperty({ type: String, example: 'UTC' })
  readonly timezone: string;

  @ApiProperty({ type: 'integer', description: 'Seconds over which organizations are spread.' })
  readonly jitter_s: number;

  @ApiProperty({ enum: ['all', 'latest', 'none'], description: 'What becomes of missed occurrences.' })
  readonly catch_up: CatchUp;

  @ApiProperty({ type: Boolean })
  readonly enabled: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The next occurrence; null while it is switched off.',
  })
  readonly next_due_at: Date | null;

  @ApiProperty({ type: [OccurrenceView], description: 'The newest occurrences, newest first.' })
  readonly occurrences: readonly OccurrenceView[];
}

/** The schedules of an organization. */
export class ScheduleListView {
  @ApiProperty({ type: [ScheduleView] })
  readonly schedules: readonly ScheduleView[];
}

/** The schedule as the API shows it. */
export function scheduleView({ declared, nextDueAt, occurrences, ...schedule }: Schedule): ScheduleView {
  return {
    org: schedule.org,
    provider: schedule.provider,
    domain: schedule.domain,
    pipeline: schedule.pipeline,
    cron: declared.cron,
    timezone: declared.timezone,
    jitter_s: declared.jitterMs / 1000,
    catch_up: declared.catchUp,
    enabled: schedule.enabled,
    next_due_at: nextDueAt,
    occurrences: occurrences.map((outcome) => occurrenceView(schedule.org, outcome)),
  };
}

function occurrenceView(org: string, outcome: Outcome): OccurrenceView {
  const { dueAt, window } = outcome;
  const runId = 'runId' in outcome ? outcome.runId : null;
  return {
    due_at: dueAt,
    window,
    run_id: runId,
    run: runId === null ? null : statusPath(org, runId),
    missed: 'missed' in outcome ? missedView(outcome.missed) : null,
    waited_for: (outcome.waitedFor ?? []).map(({ pipeline, dueAt, runId, state }) => ({
      pipeline,
      due_at: dueAt,
      run_id: runId,
      state,
    })),
  };
}

function missedView({
  code,
  message,
  retryAt,
}: Extract<Outcome, { missed: object }>['missed']): MissedOccurrenceView {
  return { code, message, retry_at: retryAt };
}
