import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where each organization's data lies in the warehouse, when not in the service's own place. */
export class WarehousePlaces1700000000005 implements MigrationInterface {
  readonly name = 'WarehousePlaces1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pipelines.organizations
        ADD COLUMN warehouse_project text
          CHECK (warehouse_project ~ '^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$'),
        ADD COLUMN warehouse_location text CHECK (warehouse_location ~ '^[A-Za-z][A-Za-z0-9-]{1,62}$');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pipelines.organizations DROP COLUMN warehouse_project, DROP COLUMN warehouse_location;
    `);
  }
}
