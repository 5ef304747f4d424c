import type { RunWindow } from '@pipelines/pipeline';
import type { DataSource } from 'typeorm';

/** One worker's try at a run. Every write names it, and is refused once a newer attempt exists. */
export interface Attempt {
  readonly runId: string;
  readonly number: number;
  readonly org: string;
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
  readonly window: RunWindow;
}

interface AttemptRow {
  attempt: number;
  org_slug: string;
  provider: string;
  domain: string;
  pipeline: string;
  window_start: string;
  window_end: string;
}

/** How long a worker may be silent before its attempt counts as lost. */
const LEASE = `interval '30 seconds'`;

const CLAIM = `
  UPDATE pipelines.runs SET
    status = 'validating', reason = NULL, attempt = attempt + 1, validating_at = now(), running_at = NULL,
    rows_extracted = 0, lease_expires_at = now() + ${LEASE}
  WHERE id = $1 AND status IN ('pending', 'validating', 'running')
  RETURNING attempt, org_slug, provider, domain, pipeline, window_start::text, window_end::text`;

/**
 * pending, or a lost attempt → validating, as a new attempt. Undefined when the run has ended already.
 */
export async function claimRun(dataSource: DataSource, runId: string): Promise<Attempt | undefined> {
  const [rows] = await dataSource.query<[AttemptRow[], number]>(CLAIM, [runId]);
  const [row] = rows;
  return (
    row && {
      runId,
      number: row.attempt,
      org: row.org_slug,
      provider: row.provider,
      domain: row.domain,
      pipeline: row.pipeline,
      window: { start: row.window_start, end: row.window_end },
    }
  );
}

/** validating → running. False when a newer attempt exists. */
export function startRunning(dataSource: DataSource, attempt: Attempt, configHash: string): Promise<boolean> {
  return changed(
    dataSource,
    `UPDATE pipelines.runs SET status = 'running', running_at = now(), config_hash = $3
     WHERE id = $1 AND attempt = $2 AND status = 'validating'`,
    [attempt.runId, attempt.number, configHash],
  );
}

/** Extends the lease and records progress. False when a newer attempt exists or the run has ended. */
export function renewLease(
  dataSource: DataSource,
  attempt: Attempt,
  rowsExtracted: number,
): Promise<boolean> {
  return changed(
    dataSource,
    `UPDATE pipelines.runs SET lease_expires_at = now() + ${LEASE}, rows_extracted = $3
     WHERE id = $1 AND attempt = $2 AND status IN ('validating', 'running')`,
    [attempt.runId, attempt.number, rowsExtracted],
  );
}

/** validating or running → pending, for a worker that stops. False when a newer attempt exists. */
export function giveBack(dataSource: DataSource, attempt: Attempt): Promise<boolean> {
  return changed(
    dataSource,
    `UPDATE pipelines.runs SET status = 'pending', reason = 'worker_stopped', running_at = NULL,
       validating_at = NULL, lease_expires_at = NULL
     WHERE id = $1 AND attempt = $2 AND status IN ('validating', 'running')`,
    [attempt.runId, attempt.number],
  );
}

async function changed(dataSource: DataSource, statement: string, parameters: unknown[]): Promise<boolean> {
  const [, affected] = await dataSource.query<[unknown[], number]>(statement, parameters);
  return affected === 1;
}
