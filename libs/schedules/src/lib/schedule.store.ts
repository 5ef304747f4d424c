import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { PipelineIdentity } from '@pipelines/config-resolver';
import { scheduleSilentSql, silenceScheduleSql, wakeScheduleSql } from '@pipelines/queue';
import { DataSource } from 'typeorm';
import {
  OCCURRENCE_COLUMNS,
  occurrenceOf,
  outcomeOf,
  SCHEDULE_COLUMNS,
  type OccurrenceRow,
} from './schedule-rows.ts';
import type { AwaitedOccurrence, KeptSchedule, Occurrence, Outcome } from './schedule.ts';

/** How far a schedule has come, and when it is to be looked at again. */
export interface Advance {
  readonly handledUntil: Date;
  readonly nextDueAt: Date | null;
  readonly wakeAt: Date;
  readonly outcomes: readonly Outcome[];
}

/** What became of an occurrence, as far as another waits for it. */
type EndedOrWaiting = Pick<AwaitedOccurrence, 'runId' | 'state'> & { readonly dueAt: Date };

/** The queue waits by the server's own clock, from which that of the schedules may differ. */
const wakeTime = (parameter: string) =>
  `now() + (${parameter}::timestamptz - pipelines.utc_now()) AS wake_at`;

/** What was missed of the schedules that the CTE `switched` yields (`id`) is not caught up any more. */
const FORGET_MISSED = `
  UPDATE pipelines.schedule_occurrences SET retry_at = NULL
  WHERE retry_at IS NOT NULL AND schedule_id IN (SELECT id FROM switched)`;

const SWITCH_ON = `
  WITH switched AS (
    INSERT INTO pipelines.schedules AS schedule
      (id, org_slug, provider, domain, pipeline, enabled, handled_until, next_due_at)
    VALUES ($1, $2, $3, $4, $5, true, $6, $7)
    ON CONFLICT (org_slug, provider, domain, pipeline) DO UPDATE SET
      enabled = true, handled_until = EXCLUDED.handled_until, next_due_at = EXCLUDED.next_due_at, updated_at = now()
    WHERE NOT schedule.enabled
    RETURNING id, ${wakeTime('$8')}
  ), woken AS (${wakeScheduleSql('switched')})
  ${FORGET_MISSED}`;

const SWITCH_OFF = `
  WITH switched AS (
    UPDATE pipelines.schedules SET enabled = false, next_due_at = NULL, updated_at = now()
    WHERE org_slug = $1 AND provider = $2 AND domain = $3 AND pipeline = $4 AND enabled
    RETURNING id
  ), silenced AS (${silenceScheduleSql('switched')})
  ${FORGET_MISSED}`;

/** Changes nothing when the schedule was switched, or advanced by another process, since it was read. */
const ADVANCE = `
  WITH advanced AS (
    UPDATE pipelines.schedules SET handled_until = $3, next_due_at = $4
    WHERE id = $1 AND enabled AND handled_until = $2
    RETURNING id, ${wakeTime('$5')}
  ), recorded AS (
    INSERT INTO pipelines.schedule_occurrences
      (schedule_id, due_at, window_start, window_end, run_id, missed_code, missed_message, retry_at, waiting_since,
       waited_for)
    SELECT advanced.id, outcome.*
    FROM advanced, unnest($6::timestamptz[], $7::date[], $8::date[], $9::uuid[], $10::text[], $11::text[],
      $12::timestamptz[], $13::timestamptz[], $14::jsonb[]) AS outcome
    ON CONFLICT (schedule_id, due_at) DO UPDATE SET
      run_id = EXCLUDED.run_id, missed_code = EXCLUDED.missed_code, missed_message = EXCLUDED.missed_message,
      retry_at = EXCLUDED.retry_at, waiting_since = EXCLUDED.waiting_since, waited_for = EXCLUDED.waited_for
  ), forgotten AS (
    DELETE FROM pipelines.schedule_occurrences
    WHERE schedule_id IN (SELECT id FROM advanced) AND retry_at IS NULL AND due_at < $3::timestamptz - interval '90 days'
  ), woken AS (${wakeScheduleSql('advanced')})
  SELECT id FROM advanced`;

/** Keeps schedules and what became of their occurrences. What an organization sees names the organization. */
@Injectable()
export class ScheduleStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Has the organization's pipeline due from `handledUntil` on, with nothing to catch up of before it was switched off;
   * one that is switched on stays as it is.
   */
  async switchOn(
    org: string,
    { provider, domain, pipeline }: PipelineIdentity,
    { handledUntil, nextDueAt, wakeAt }: Omit<Advance, 'outcomes'>,
  ): Promise<void> {
    await this.dataSource.query(SWITCH_ON, [
      randomUUIDv7(),
      org,
      provider,
      domain,
      pipeline,
      handledUntil,
      nextDueAt,
      wakeAt,
    ]);
  }

  /** Starts nothing more, also not what was missed. Runs that were admitted go on. */
  async switchOff(org: string, { provider, domain, pipeline }: PipelineIdentity): Promise<void> {
    await this.dataSource.query(SWITCH_OFF, [org, provider, domain, pipeline]);
  }

  /** Undefined when there is no such schedule, or it is switched off. */
  async findEnabled(id: string): Promise<KeptSchedule | undefined> {
    const [found] = await this.dataSource.query<KeptSchedule[]>(
      `SELECT ${SCHEDULE_COLUMNS} FROM pipelines.schedules WHERE id = $1 AND enabled`,
      [id],
    );
    return found;
  }

  /** Every schedule that is switched on, and whether no job will bring it up any more. */
  async listEnabled(): Promise<readonly (KeptSchedule & { readonly silent: boolean })[]> {
    return this.dataSource.query(
      `SELECT ${SCHEDULE_COLUMNS}, ${scheduleSilentSql('schedules.id')} AS silent FROM pipelines.schedules WHERE enabled`,
    );
  }

  /** The schedules that the organization has ever switched on. */
  async listOf(org: string): Promise<readonly KeptSchedule[]> {
    return this.dataSource.query(`SELECT ${SCHEDULE_COLUMNS} FROM pipelines.schedules WHERE org_slug = $1`, [
      org,
    ]);
  }

  /** Occurrences that were missed and are to be tried again, oldest first. */
  async missed({ id }: KeptSchedule): Promise<readonly Occurrence[]> {
    const rows = await this.dataSource.query<OccurrenceRow[]>(
      `SELECT ${OCCURRENCE_COLUMNS} FROM pipelines.schedule_occurrences
       WHERE schedule_id = $1 AND retry_at IS NOT NULL ORDER BY due_at`,
      [id],
    );
    return rows.map(occurrenceOf);
  }

  /** The newest occurrences and what became of them, newest first. */
  async outcomes({ id }: KeptSchedule, limit: number): Promise<readonly Outcome[]> {
    const rows = await this.dataSource.query<OccurrenceRow[]>(
      `SELECT ${OCCURRENCE_COLUMNS}, waited_for, run_id, missed_code, missed_message, retry_at
       FROM pipelines.schedule_occurrences WHERE schedule_id = $1 ORDER BY due_at DESC LIMIT $2`,
      [id, limit],
    );
    return rows.map(outcomeOf);
  }

  /** What became of the occurrences at these times; none of one that has not come yet. */
  async outcomesAt({ id }: KeptSchedule, times: readonly Date[]): Promise<readonly EndedOrWaiting[]> {
    return this.dataSource.query(
      `SELECT due_at AS "dueAt", run_id AS "runId", CASE
         WHEN runs.status IN ('completed', 'failed') THEN runs.status
         WHEN run_id IS NULL AND retry_at IS NULL THEN 'missed'
         ELSE 'waiting'
       END AS state
       FROM pipelines.schedule_occurrences LEFT JOIN pipelines.all_runs AS runs ON runs.id = run_id
       WHERE schedule_id = $1 AND due_at = ANY ($2::timestamptz[])`,
      [id, times],
    );
  }

  /** Records what became of occurrences, and lets the schedule wait again. False when it was changed meanwhile. */
  async advance(
    schedule: KeptSchedule,
    { handledUntil, nextDueAt, wakeAt, outcomes }: Advance,
  ): Promise<boolean> {
    const missed = outcomes.map((outcome) => ('missed' in outcome ? outcome.missed : undefined));
    const advanced = await this.dataSource.query<unknown[]>(ADVANCE, [
      schedule.id,
      schedule.handledUntil,
      handledUntil,
      nextDueAt,
      wakeAt,
      outcomes.map(({ dueAt }) => dueAt),
      outcomes.map(({ window }) => window.start),
      outcomes.map(({ window }) => window.end),
      outcomes.map((outcome) => ('runId' in outcome ? outcome.runId : null)),
      missed.map((reason) => reason?.code ?? null),
      missed.map((reason) => reason?.message ?? null),
      missed.map((reason) => reason?.retryAt ?? null),
      outcomes.map(({ waitingSince }) => waitingSince ?? null),
      outcomes.map(({ waitedFor = [] }) => JSON.stringify(waitedFor)),
    ]);
    return advanced.length === 1;
  }

  /** Has the schedule looked at after `delayMs`, whatever it waited for. */
  async wake(id: string, delayMs = 0): Promise<void> {
    await this.dataSource.query(
      `WITH schedule AS (
         SELECT id, now() + $2 * interval '1 millisecond' AS wake_at FROM pipelines.schedules
         WHERE id = $1 AND enabled FOR NO KEY UPDATE
       ), woken AS (${wakeScheduleSql('schedule')})
       SELECT id FROM schedule`,
      [id, delayMs],
    );
  }
}
