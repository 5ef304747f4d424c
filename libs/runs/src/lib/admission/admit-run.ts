import { PreparedStatement } from '@pipelines/database';
import type { RunWindow } from '@pipelines/pipeline';
import { enqueueSql, QUEUE_EXISTS } from '@pipelines/queue';
import type { Plan, Usage } from '@pipelines/quota';
import type { DataSource } from 'typeorm';
import { failStaleSql, STALE_RUNS_SQL } from '../settlement/stale-runs.ts';

/** A run that asks to be admitted. */
export interface RunRequest {
  readonly runId: string;
  readonly org: string;
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
  readonly window: RunWindow;
  /** The run that this one repeats. */
  readonly retryOf?: string;
  /** The backfill that this run does one window of; a backfill has one run per window. */
  readonly backfillId?: string;
  /** The occurrence of the pipeline's schedule that this run is for; an occurrence has one run. */
  readonly scheduledFor?: Date;
  /** By which a repeated request finds the run of the first. */
  readonly idempotency?: IdempotencyKey;
}

/** A caller's key and the SHA-256 of what it asked for. */
export interface IdempotencyKey {
  readonly key: string;
  readonly requestHash: Buffer;
}

/**
 * What counts of the current day and month: nothing once the counter's day lies before them, and never the stale runs
 * that are healed here, whose units are given back because the service itself lost them.
 */
const USED_TODAY = `
  CASE WHEN counter.day = clock.today THEN counter.daily_count - clock.stale_today
       WHEN counter.day > clock.today THEN counter.daily_count ELSE 0 END`;
const USED_THIS_MONTH = `
  CASE WHEN date_trunc('month', counter.day) = date_trunc('month', clock.today)
       THEN counter.monthly_count - clock.stale_this_month
       WHEN counter.day > clock.today THEN counter.monthly_count ELSE 0 END`;

/** By how much the priority of a backfill's run is lower. */
const BACKFILL_SETBACK = 1_000_000;

/**
 * Heals, checks, reserves, records and enqueues in one statement, and so in one commit: a run exists with its
 * reservation and its job, or none of them does.
 *
 * Locking. The limits stand in the WHERE of the UPDATE on the organization's one counter row. Concurrent admissions
 * queue on that row, and PostgreSQL evaluates the WHERE again on the newest version once the lock is theirs; a count
 * over `runs` would be taken from the snapshot of before the wait. Stale runs are locked before the counter, in the
 * order that settling a run uses, and SKIP LOCKED leaves a run that another admission is healing to it, so that none
 * is taken off twice. When a limit is in the way nothing is written, not even the healing: a refused request
 * costs no write, and the stale runs, whose slots this check already counted as free, wait for the next admission or
 * the periodic healer. What it is told to have used is of the statement's snapshot, which a wait for the row makes older
 * than the refusal.
 *
 * Fairness. The more runs an organization has unfinished, the lower the priority of its next one, so that the first
 * run of one organization passes the thousandth of another; and a backfill's runs come after all others.
 *
 * The counter's day only moves forward: a transaction that began before midnight and got the lock after one that
 * began later must not turn it back.
 */
export const ADMIT_STATEMENT = new PreparedStatement<AdmissionDecision>(
  'admit_run',
  `
  WITH stale AS MATERIALIZED (${STALE_RUNS_SQL}),
  clock AS MATERIALIZED (
    SELECT today,
      count(stale.id)::int AS stale,
      (count(*) FILTER (WHERE counted_on = today))::int AS stale_today,
      (count(*) FILTER (WHERE date_trunc('month', counted_on) = date_trunc('month', today)))::int AS stale_this_month
    FROM (SELECT (pipelines.utc_now() AT TIME ZONE 'UTC')::date AS today) AS utc LEFT JOIN stale ON true
    GROUP BY today
  ),
  reserved AS (
    UPDATE pipelines.usage_counters AS counter SET
      day = greatest(counter.day, clock.today),
      daily_count = ${USED_TODAY} + 1,
      monthly_count = ${USED_THIS_MONTH} + 1,
      concurrent_count = counter.concurrent_count - clock.stale + 1,
      failed_count = counter.failed_count + clock.stale
    FROM clock
    WHERE counter.org_slug = $1
      AND ${QUEUE_EXISTS}
      AND ($8::int IS NULL OR ${USED_TODAY} < $8)
      AND ($9::int IS NULL OR ${USED_THIS_MONTH} < $9)
      AND ($10::int IS NULL OR counter.concurrent_count - clock.stale < $10)
    RETURNING counter.org_slug, counter.day, counter.daily_count, counter.monthly_count, counter.concurrent_count
  ),
  healed AS (${failStaleSql('stale')} AND EXISTS (SELECT FROM reserved)),
  admitted AS (
    INSERT INTO pipelines.runs
      (id, org_slug, provider, domain, pipeline, window_start, window_end, status, reason, retry_of, backfill_id,
       scheduled_for, counted_on)
    SELECT $2, org_slug, $3, $4, $5, $6, $7, 'pending', 'queued', $11, $12, $13, day FROM reserved
    RETURNING id, org_slug, backfill_id
  ),
  prioritised AS (
    SELECT admitted.id, admitted.org_slug,
      -reserved.concurrent_count - CASE WHEN backfill_id IS NULL THEN 0 ELSE ${BACKFILL_SETBACK} END AS priority
    FROM admitted, reserved
  ),
  queued AS (${enqueueSql('prioritised')}),
  keyed AS (
    INSERT INTO pipelines.idempotency_keys (org_slug, key, request_hash, run_id)
    SELECT org_slug, $14, $15, id FROM admitted WHERE $14::text IS NOT NULL
  )
  SELECT reserved.org_slug IS NOT NULL AS admitted,
    CASE WHEN reserved.org_slug IS NULL THEN 0 ELSE clock.stale END AS healed,
    coalesce(reserved.daily_count, ${USED_TODAY}) AS daily,
    coalesce(reserved.monthly_count, ${USED_THIS_MONTH}) AS monthly,
    coalesce(reserved.concurrent_count, counter.concurrent_count - clock.stale) AS concurrent,
    pipelines.utc_now() AS "readAt"
  FROM clock
  LEFT JOIN pipelines.usage_counters AS counter ON counter.org_slug = $1
  LEFT JOIN reserved ON true`,
);

/** The parameters of {@link ADMIT_STATEMENT}, in their order. */
export function admissionParameters(
  request: RunRequest,
  plan: Pick<Plan, 'dailyLimit' | 'monthlyLimit' | 'concurrentLimit'>,
): unknown[] {
  return [
    request.org,
    request.runId,
    request.provider,
    request.domain,
    request.pipeline,
    request.window.start,
    request.window.end,
    plan.dailyLimit,
    plan.monthlyLimit,
    plan.concurrentLimit,
    request.retryOf ?? null,
    request.backfillId ?? null,
    request.scheduledFor ?? null,
    request.idempotency?.key ?? null,
    request.idempotency?.requestHash ?? null,
  ];
}

/** Whether the run was admitted, and what the organization has used: with the run, or what was in its way. */
export interface AdmissionDecision extends Usage {
  readonly admitted: boolean;
  /** How many stale runs were failed along with it. */
  readonly healed: number;
}

/**
 * Admits the run, unless a limit of the plan is in the way. The organization must exist.
 * @throws DatabaseError of a unique violation when the run of the same idempotency key, backfill window or
 * occurrence was admitted before.
 */
export async function admitRun(
  dataSource: DataSource,
  request: RunRequest,
  plan: Plan,
): Promise<AdmissionDecision> {
  const { rows } = await ADMIT_STATEMENT.run(dataSource, admissionParameters(request, plan));
  return rows[0]!;
}
