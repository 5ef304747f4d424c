import { Injectable } from '@nestjs/common';
import type { LoadTarget, WarehousePlace } from '@pipelines/pipeline';
import { DataSource } from 'typeorm';

/** What an attempt staged and did not take away. */
export interface Leftover {
  readonly runId: string;
  readonly attempt: number;
  readonly org: string;
  readonly target: LoadTarget;
  readonly place: WarehousePlace;
  /** Whether the warehouse has removed it by itself meanwhile. */
  readonly expired: boolean;
}

/**
 * INSERT of the area that the attempt of the named CTE (`id`, `attempt`, `org_slug`) is about to make, unless the target
 * is null. For five minutes it is not taken for a leftover, so that an attempt which was lost without noticing can still
 * take it away itself.
 */
export function enterStagingAreaSql(attempt: string, target: string, place: string): string {
  return `
    INSERT INTO pipelines.staging_areas (run_id, attempt, org_slug, target, place, sweep_after)
    SELECT id, attempt, org_slug, ${target}::jsonb, ${place}::jsonb, now() + interval '5 minutes' FROM ${attempt}
    WHERE ${target}::jsonb IS NOT NULL`;
}

/** DELETE of the area of the attempt of the named CTE (`id`, `attempt`), unless it was left behind. */
export function strikeStagingAreaSql(attempt: string, left: string): string {
  return `
    DELETE FROM pipelines.staging_areas AS area USING ${attempt} AS ended
    WHERE area.run_id = ended.id AND area.attempt = ended.attempt AND NOT ${left}::boolean`;
}

/**
 * Takes leftovers for ten minutes, so that one process at a time removes each. An attempt is at work while it is the
 * newest of a run under way, however late its worker is: the lease decides when another attempt takes its place.
 */
const TAKE_LEFTOVERS = `
  UPDATE pipelines.staging_areas AS area SET sweep_after = now() + interval '10 minutes'
  FROM (
    SELECT run_id, attempt FROM pipelines.staging_areas AS due
    WHERE sweep_after <= now() AND NOT EXISTS (
      SELECT FROM pipelines.runs
      WHERE runs.id = due.run_id AND runs.attempt = due.attempt AND runs.status IN ('validating', 'running')
    )
    ORDER BY sweep_after LIMIT $1
    FOR UPDATE SKIP LOCKED
  ) AS taken
  WHERE area.run_id = taken.run_id AND area.attempt = taken.attempt
  RETURNING area.run_id AS "runId", area.attempt, area.org_slug AS org, area.target, area.place,
    area.created_at < now() - interval '25 hours' AS expired`;

/**
 * The staging areas there may be in the warehouse: each is entered before it is made, with the start of
 * its attempt, and struck off after it is gone, with the attempt's end, so that what a killed worker left behind is known without searching every dataset of every organization.
 */
@Injectable()
export class StagingAreas {
  constructor(private readonly dataSource: DataSource) {}

  /** Strikes off an area that is gone. */
  async strike({ runId, attempt }: Leftover): Promise<void> {
    await this.dataSource.query('DELETE FROM pipelines.staging_areas WHERE run_id = $1 AND attempt = $2', [
      runId,
      attempt,
    ]);
  }

  /** At most `limit` areas whose attempts are not at work any more; they are not given out again for ten minutes. */
  async takeLeftovers(limit: number): Promise<readonly Leftover[]> {
    const [leftovers] = await this.dataSource.query<[Leftover[], number]>(TAKE_LEFTOVERS, [limit]);
    return leftovers;
  }
}
