import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where each organization's data lies in the warehouse, when not in the service's own place, and what attempts have
 * staged there and not yet taken away. A staging area names its run without a foreign key: runs move to the archive.
 */
export class WarehousePlaces1700000000005 implements MigrationInterface {
  readonly name = 'WarehousePlaces1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pipelines.organizations
        ADD COLUMN warehouse_project text
          CHECK (warehouse_project ~ '^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$'),
        ADD COLUMN warehouse_location text CHECK (warehouse_location ~ '^[A-Za-z][A-Za-z0-9-]{1,62}$');

      CREATE TABLE pipelines.staging_areas (
        run_id       uuid NOT NULL,
        attempt      integer NOT NULL,
        org_slug     text NOT NULL REFERENCES pipelines.organizations,
        target       jsonb NOT NULL,
        place        jsonb NOT NULL,
        created_at   timestamptz(3) NOT NULL DEFAULT now(),
        sweep_after  timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (run_id, attempt)
      );
      CREATE INDEX staging_areas_due ON pipelines.staging_areas (sweep_after);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE pipelines.staging_areas;
      ALTER TABLE pipelines.organizations DROP COLUMN warehouse_project, DROP COLUMN warehouse_location;
    `);
  }
}
