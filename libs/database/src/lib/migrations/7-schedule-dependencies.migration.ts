import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an occurrence waits for before its run starts. */
export class ScheduleDependencies1700000000007 implements MigrationInterface {
  readonly name = 'ScheduleDependencies1700000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pipelines.schedule_occurrences
        -- Since when it has been waiting; still set once it has waited long enough.
        ADD COLUMN waiting_since  timestamptz(3),
        -- The occurrences of other schedules that it waits or waited for, and what became of each.
        ADD COLUMN waited_for     jsonb NOT NULL DEFAULT '[]';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE pipelines.schedule_occurrences DROP COLUMN waited_for, DROP COLUMN waiting_since',
    );
  }
}
