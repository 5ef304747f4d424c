import { PreparedStatement, UNFLUSHED } from '@pipelines/database';
import type { Load, RunWindow, WarehousePlace } from '@pipelines/pipeline';
import { requeueSql } from '@pipelines/queue';
import type { DataSource } from 'typeorm';
import type { Interruption, RunProof } from '../run.entity.ts';
import { enterStagingAreaSql, strikeStagingAreaSql } from '../staging/staging-areas.ts';

/** One worker's try at a run. Every write names it, and is refused once a newer attempt exists. */
export interface Attempt {
  readonly runId: string;
  readonly number: number;
  /** Which claim of the run's job it works on. */
  readonly claim: number;
  readonly org: string;
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
  readonly window: RunWindow;
  /** Where the organization loads now, as far as it has a place of its own. */
  readonly place: WarehousePlace;
  /** How often a transient failure sent the run back before. */
  readonly retries: number;
  /** Earlier attempts whose worker was lost. */
  readonly lostAttempts: number;
  /** What an earlier attempt had proven right before it committed, or was about to; null once it is known not to have. */
  readonly proof: RunProof | null;
  /** Whether somebody asked for the run to be cancelled. */
  readonly cancelRequested: boolean;
  /** When the run was admitted, on the monotonic clock of this process, in milliseconds. */
  readonly admittedAt: number;
}

/** What a renewal of the lease found: it is held, held with a request to cancel, or lost to a newer attempt. */
export type LeaseState = 'held' | 'cancel_requested' | 'lost';

/** Why a run waits in the queue. */
export type WaitReason = 'queued' | 'retry_backoff' | 'worker_stopped';

/**
 * When the run last began to extract, for as long as what it extracted then may have been committed: a later attempt
 * that finds the commit must not make it look newer than it is.
 */
export const STARTED = 'CASE WHEN proof IS NOT NULL THEN running_at END';

/** How long a worker may be silent before its attempt counts as lost. */
export const LEASE = `interval '30 seconds'`;

/**
 * Its commit does not wait for the disk: the claim has, and so will the proof. A start that a crash of PostgreSQL takes
 * back leaves the attempt without its proof, and so without a commit; the run is then taken over.
 */
const START = new PreparedStatement(
  'start_run',
  `WITH started AS (
    UPDATE pipelines.runs SET status = 'running', config_hash = coalesce($3, config_hash),
      running_at = CASE WHEN $3::text IS NULL THEN coalesce(running_at, now()) ELSE now() END,
      proof = CASE WHEN $3::text IS NULL THEN proof END
    WHERE id = $1 AND attempt = $2 AND status = 'validating' AND ${UNFLUSHED}
    RETURNING id, attempt, org_slug
  ), entered AS (${enterStagingAreaSql('started', '$4', '$5')})
  SELECT FROM started`,
);

/** What an attempt is about to load, and where. */
export interface LoadStart extends Pick<Load, 'target' | 'place'> {
  /** Of the pipeline's resolved configuration. */
  readonly configHash: string;
}

/**
 * validating → running, with the staging area entered that the attempt is about to make. False when a newer attempt
 * exists.
 * @param load What earlier attempts had proven is void then. Undefined when an earlier attempt has committed.
 */
export function startRunning(dataSource: DataSource, attempt: Attempt, load?: LoadStart): Promise<boolean> {
  const { runId, number } = attempt;
  const { configHash = null, target = null, place = {} } = load ?? {};
  return changed(dataSource, START, [runId, number, configHash, target, place]);
}

/** Extends the lease and records progress. */
export async function renewLease(
  dataSource: DataSource,
  attempt: Attempt,
  rowsExtracted: number,
): Promise<LeaseState> {
  const [rows] = await dataSource.query<[{ cancel_requested: boolean }[], number]>(
    `UPDATE pipelines.runs SET lease_expires_at = now() + ${LEASE}, rows_extracted = $3
     WHERE id = $1 AND attempt = $2 AND status IN ('validating', 'running')
     RETURNING cancel_requested`,
    [attempt.runId, attempt.number, rowsExtracted],
  );
  if (rows.length === 0) return 'lost';
  return rows[0]!.cancel_requested ? 'cancel_requested' : 'held';
}

const RECORD_PROOF = new PreparedStatement(
  'record_proof',
  `UPDATE pipelines.runs SET proof = $3, rows_extracted = $4, lease_expires_at = now() + ${LEASE}
   WHERE id = $1 AND attempt = $2 AND status = 'running'`,
);

/** Records what was proven, as the last step before the commit. False when a newer attempt exists. */
export function recordProof(dataSource: DataSource, attempt: Attempt, proof: RunProof): Promise<boolean> {
  const { runId, number } = attempt;
  return changed(dataSource, RECORD_PROOF, [runId, number, proof, proof.rows.extracted]);
}

/** A cancellation does not wait: the next claim ends the run. */
const DELAY = '(CASE WHEN cancel_requested THEN 0 ELSE $4::float8 END)';

const WAIT = `
  WITH waiting AS (
    UPDATE pipelines.runs SET
      status = 'pending', reason = $3, retries = retries + ($3 = 'retry_backoff')::int,
      next_attempt_at = CASE WHEN ${DELAY} > 0 THEN now() + ${DELAY} * interval '1 millisecond' END,
      validating_at = NULL, running_at = ${STARTED}, lease_expires_at = NULL,
      proof = CASE WHEN $6::jsonb IS NULL THEN proof ELSE proof || jsonb_build_object('interruption', $6::jsonb) END
    WHERE id = $1 AND attempt = $2 AND status IN ('validating', 'running')
    RETURNING id, attempt, ${DELAY} AS delay
  ), struck AS (${strikeStagingAreaSql('waiting', '$5')}
  ), requeued AS (${requeueSql('waiting', `(SELECT delay FROM waiting) * interval '1 millisecond'`)})
  SELECT id FROM waiting`;

/**
 * validating or running → pending, and the job waits again with it. The run keeps its reservation. False when a newer
 * attempt exists.
 * @param stagingLeft Whether the attempt leaves its staging area to the sweeper.
 * @param interruption Of the commit that was proven right.
 */
export async function waitAgain(
  dataSource: DataSource,
  { runId, number }: Attempt,
  reason: WaitReason,
  delayMs: number,
  stagingLeft = false,
  interruption?: Interruption,
): Promise<boolean> {
  const values = [runId, number, reason, delayMs, stagingLeft, interruption ?? null];
  const waiting = await dataSource.query<unknown[]>(WAIT, values);
  return waiting.length === 1;
}

async function changed(
  dataSource: DataSource,
  statement: PreparedStatement,
  values: unknown[],
): Promise<boolean> {
  const { affected } = await statement.run(dataSource, values);
  return affected === 1;
}
