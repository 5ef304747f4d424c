import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Runs that ended long ago, in one partition per UTC month of `pending_at`, so that a month can be detached or dropped
 * at once; the archiving makes the partitions as it needs them. `runs` and `archived_runs` have the same columns in the
 * same order, and `all_runs` has them too: a migration that changes one changes all three.
 */
export class RunArchive1700000000004 implements MigrationInterface {
  readonly name = 'RunArchive1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipelines.archived_runs (
        LIKE pipelines.runs,
        PRIMARY KEY (id, pending_at),
        CHECK (status IN ('completed', 'failed'))
      ) PARTITION BY RANGE (pending_at);

      CREATE INDEX archived_runs_history ON pipelines.archived_runs (org_slug, pending_at DESC, id DESC);
      CREATE INDEX archived_runs_backfill ON pipelines.archived_runs (backfill_id, window_start)
        WHERE backfill_id IS NOT NULL;
      CREATE INDEX archived_runs_occurrence
        ON pipelines.archived_runs (org_slug, provider, domain, pipeline, scheduled_for) WHERE scheduled_for IS NOT NULL;

      CREATE VIEW pipelines.all_runs AS
        SELECT * FROM pipelines.runs UNION ALL SELECT * FROM pipelines.archived_runs;

      CREATE INDEX runs_ended ON pipelines.runs (finished_at) WHERE finished_at IS NOT NULL;
      -- Without it, the foreign key reads all keys for every run that is moved.
      CREATE INDEX idempotency_keys_run ON pipelines.idempotency_keys (run_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP VIEW pipelines.all_runs;
      DROP INDEX pipelines.runs_ended, pipelines.idempotency_keys_run;
      INSERT INTO pipelines.runs SELECT * FROM pipelines.archived_runs;
      DROP TABLE pipelines.archived_runs;
    `);
  }
}
