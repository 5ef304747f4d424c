import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A run changes its status four times. As long as no index depends on the status, and its page has room, PostgreSQL
 * writes the new version beside the old one and leaves all indexes alone; `finished_at` changes once, at the end.
 */
export class RunUpdatesInPlace1700000000008 implements MigrationInterface {
  readonly name = 'RunUpdatesInPlace1700000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX runs_unfinished ON pipelines.runs (org_slug) WHERE finished_at IS NULL;
      DROP INDEX pipelines.runs_waiting, pipelines.runs_leased;
      ALTER TABLE pipelines.runs SET (fillfactor = 50);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pipelines.runs SET (fillfactor = 70);
      CREATE INDEX runs_waiting ON pipelines.runs (org_slug) WHERE status = 'pending';
      CREATE INDEX runs_leased ON pipelines.runs (org_slug) WHERE status IN ('validating', 'running');
      DROP INDEX pipelines.runs_unfinished;
    `);
  }
}
