import { PreparedStatement } from '@pipelines/database';
import { warehousePlaceSql } from '@pipelines/organizations';
import { claimSql, nextJobsSql } from '@pipelines/queue';
import type { DataSource } from 'typeorm';
import { LEASE, STARTED, type Attempt } from './attempt.ts';

interface AttemptRow extends Pick<
  Attempt,
  'provider' | 'domain' | 'pipeline' | 'claim' | 'retries' | 'proof' | 'place'
> {
  id: string;
  attempt: number;
  org_slug: string;
  window_start: string;
  window_end: string;
  lost_attempts: number;
  cancel_requested: boolean;
  age_ms: number;
}

/**
 * Claims jobs and makes an attempt of each run, in one commit, so that the claim of a job and the number of an attempt
 * mean the same: no worker has one without the other, and none shares them.
 *
 * Locking. Job and run are locked together and passed over when somebody else holds either, because elsewhere the run is
 * locked before its job: a claim that waited for a run while it holds the job would wait for ever.
 *
 * The limit is part of the text: PostgreSQL plans a statement anew for each value of a parameter when it believes that the
 * value makes a cheaper plan, and planning this one takes five times as long as executing it.
 */
export const claimStatement = (limit: number) =>
  new PreparedStatement<AttemptRow>(
    `claim_${limit}_runs`,
    `WITH ${nextJobsSql('pipelines.runs', limit)},
  claimed AS (${claimSql('next')})
  UPDATE pipelines.runs SET
    status = 'validating', reason = NULL, next_attempt_at = NULL, attempt = attempt + 1,
    lost_attempts = lost_attempts + (status <> 'pending')::int, validating_at = now(), running_at = ${STARTED},
    rows_extracted = 0, lease_expires_at = now() + ${LEASE}
  FROM claimed
  WHERE runs.id = claimed.id AND status IN ('pending', 'validating', 'running')
  RETURNING runs.id, attempt, claimed.retry_count AS claim, org_slug, provider, domain, pipeline,
    window_start::text, window_end::text, retries, lost_attempts, proof, cancel_requested,
    (${warehousePlaceSql('org_slug')}) AS place, (extract(epoch FROM now() - pending_at) * 1000)::float8 AS age_ms`,
  );

/** By their limits, of which there are as many as a worker has slots. */
const CLAIMS = new Map<number, PreparedStatement<AttemptRow>>();

/** pending, or a lost attempt → validating, as a new attempt, for up to `limit` runs whose jobs wait. */
export async function claimRuns(dataSource: DataSource, limit: number): Promise<readonly Attempt[]> {
  const statement = CLAIMS.get(limit) ?? claimStatement(limit);
  CLAIMS.set(limit, statement);
  const { rows } = await statement.run(dataSource, []);
  return rows.map(
    ({
      id,
      attempt,
      org_slug,
      window_start,
      window_end,
      lost_attempts,
      cancel_requested,
      age_ms,
      ...same
    }) => ({
      ...same,
      runId: id,
      number: attempt,
      org: org_slug,
      window: { start: window_start, end: window_end },
      lostAttempts: lost_attempts,
      cancelRequested: cancel_requested,
      admittedAt: performance.now() - age_ms,
    }),
  );
}
