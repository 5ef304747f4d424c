import { Injectable, Logger } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { RunMetrics } from './run-metrics.ts';

/** Spelled as the partial index on unfinished runs is, so that these and not all runs are read. */
const UNFINISHED = 'finished_at IS NULL';

const RUNS_BY_STATUS = `
  SELECT status, count(runs.status)::int AS runs
  FROM unnest(ARRAY['pending', 'validating', 'running']) AS status
  LEFT JOIN (SELECT status FROM pipelines.runs WHERE ${UNFINISHED}) AS runs USING (status)
  GROUP BY status`;

/** One statement, and so one snapshot: a run and its counter change in the same commit. */
const INCONSISTENT_ORGANIZATIONS = `
  SELECT count(*)::int AS organizations
  FROM pipelines.usage_counters
  LEFT JOIN (
    SELECT org_slug, count(*) AS runs FROM pipelines.runs WHERE ${UNFINISHED} GROUP BY org_slug
  ) AS unfinished USING (org_slug)
  WHERE concurrent_count <> coalesce(unfinished.runs, 0)`;

/**
 * What the database says of all processes' runs, read when it is asked for. Every process tells the same. A gauge is
 * absent while the database does not answer, so that the metrics of the process itself can still be read.
 */
@Injectable()
export class RunGauges {
  private readonly logger = new Logger(RunGauges.name);

  constructor(dataSource: DataSource, { registry }: RunMetrics) {
    const runs = new Gauge({
      name: 'pipelines_runs',
      help: 'Runs that have not ended, of all processes.',
      labelNames: ['status'],
      registers: [registry],
      collect: () =>
        this.read(
          async () => {
            const counts = await dataSource.query<{ status: string; runs: number }[]>(RUNS_BY_STATUS);
            for (const { status, runs: count } of counts) runs.set({ status }, count);
          },
          () => runs.reset(),
        ),
    });
    const inconsistent = new Gauge({
      name: 'pipelines_organizations_inconsistent',
      help: 'Organizations whose concurrent count differs from their number of unfinished runs. Must be 0.',
      registers: [registry],
      collect: () =>
        this.read(
          async () => {
            const [row] = await dataSource.query<{ organizations: number }[]>(INCONSISTENT_ORGANIZATIONS);
            inconsistent.set(row!.organizations);
          },
          () => inconsistent.remove(),
        ),
    });
  }

  private async read(set: () => Promise<void>, forget: () => void): Promise<void> {
    try {
      await set();
    } catch (error) {
      forget();
      this.logger.warn({ msg: 'A gauge was not read from the database.', err: error });
    }
  }
}
