import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each organization's incremental pipelines have read their sources. */
export class Watermarks1700000000006 implements MigrationInterface {
  readonly name = 'Watermarks1700000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipelines.watermarks (
        org_slug   text NOT NULL REFERENCES pipelines.organizations,
        provider   text NOT NULL,
        domain     text NOT NULL,
        pipeline   text NOT NULL,
        -- The target and the sources that it holds for. Others begin anew.
        scope      jsonb NOT NULL,
        watermark  timestamptz(6) NOT NULL,
        PRIMARY KEY (org_slug, provider, domain, pipeline)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pipelines.watermarks');
  }
}
