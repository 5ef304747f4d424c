import { PreparedStatement } from '@pipelines/database';
import type { PipelineError } from '@pipelines/pipeline';
import { completeSql } from '@pipelines/queue';
import type { DataSource } from 'typeorm';
import type { RunReceipt } from '../run.entity.ts';
import type { Attempt } from '../execution/attempt.ts';
import { strikeStagingAreaSql } from '../staging/staging-areas.ts';

/**
 * Ends the attempt's run and its job, and gives its concurrent slot back, in one statement, so that the slot is freed
 * exactly once. A newer attempt, or a run that ended otherwise, matches no row.
 *
 * With a refund the run also gives its daily and monthly unit back, as far as the counter still counts the day and the
 * month that the run was counted on.
 *
 * The watermarks, one per clock of the sources, move from where the attempt began to what it reached. When another run
 * was settled meanwhile, either may have put days back that the other had newer; so the lesser of the two is kept of each
 * clock, and none of a clock that one of them has not seen: from there the next run takes up everything that either lacks.
 * A target or sources of another scope have nothing to do with what was known.
 */
const SETTLE = new PreparedStatement(
  'settle_run',
  `WITH settled AS (
    UPDATE pipelines.runs SET
      status = $3::text, finished_at = now(), lease_expires_at = NULL, receipt = $4, error_code = $5,
      error_message = $6, rows_extracted = $7, rows_loaded = $8, refunded = $9
    WHERE id = $1 AND attempt = $2
      AND status IN ('running', CASE WHEN $3::text = 'failed' THEN 'validating' ELSE 'running' END)
    RETURNING id, attempt, org_slug, provider, domain, pipeline, counted_on, receipt, proof
  ), advanced AS (
    INSERT INTO pipelines.watermarks AS known (org_slug, provider, domain, pipeline, scope, watermarks, revision)
    SELECT org_slug, provider, domain, pipeline, proof #> '{increment,scope}', coalesce(
      receipt -> 'watermarks',
      jsonb_strip_nulls(jsonb_build_object('', receipt ->> 'watermark'))
    ), 1
    FROM settled WHERE $3::text = 'completed' AND proof #> '{increment,scope}' IS NOT NULL
    ON CONFLICT (org_slug, provider, domain, pipeline) DO UPDATE SET
      scope = excluded.scope, revision = known.revision + 1, watermarks = CASE
      WHEN known.scope <> excluded.scope
        OR known.revision = (SELECT (proof #>> '{increment,revision}')::integer FROM settled)
      THEN excluded.watermarks
      ELSE (
        SELECT coalesce(jsonb_object_agg(clock, least(one.watermark COLLATE "C", other.watermark COLLATE "C")), '{}')
        FROM jsonb_each_text(known.watermarks) AS one(clock, watermark)
          JOIN jsonb_each_text(excluded.watermarks) AS other(clock, watermark) USING (clock)
      )
    END
  ), released AS (
    UPDATE pipelines.usage_counters AS counter SET
      concurrent_count = counter.concurrent_count - 1,
      completed_count = counter.completed_count + ($3::text = 'completed')::int,
      failed_count = counter.failed_count + ($3::text = 'failed')::int,
      daily_count = counter.daily_count - ($9 AND counter.day = settled.counted_on)::int,
      monthly_count = counter.monthly_count
        - ($9 AND date_trunc('month', counter.day) = date_trunc('month', settled.counted_on))::int
    FROM settled WHERE counter.org_slug = settled.org_slug
  ), struck AS (${strikeStagingAreaSql('settled', '$10')}
  ), ended AS (${completeSql('settled')})
  SELECT id FROM settled`,
);

/**
 * Ends the run as completed. False when the attempt was no longer the run's newest.
 * @param stagingLeft Whether the attempt leaves its staging area to the sweeper.
 */
export function settleCompleted(
  dataSource: DataSource,
  attempt: Attempt,
  receipt: RunReceipt,
  stagingLeft = false,
): Promise<boolean> {
  const { extracted, committed } = receipt.rows;
  const values = ['completed', receipt, null, null, extracted, committed, false, stagingLeft];
  return settle(dataSource, attempt, values);
}

/**
 * Ends the run as failed. A failure by our own fault does not count against the plan. False when the attempt was no
 * longer the run's newest.
 * @param stagingLeft Whether the attempt leaves its staging area to the sweeper.
 */
export function settleFailed(
  dataSource: DataSource,
  attempt: Attempt,
  { code, message, fault }: PipelineError,
  rowsExtracted: number,
  stagingLeft = false,
): Promise<boolean> {
  const refunded = fault === 'internal';
  const values = ['failed', null, code, message, rowsExtracted, 0, refunded, stagingLeft];
  return settle(dataSource, attempt, values);
}

async function settle(
  dataSource: DataSource,
  attempt: Attempt,
  values: readonly unknown[],
): Promise<boolean> {
  const { rows } = await SETTLE.run(dataSource, [attempt.runId, attempt.number, ...values]);
  return rows.length === 1;
}
