import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A watermark per clock of the sources, such as the exports of several billing accounts, where there was one for all. What
 * is known holds for pipelines with one clock; others have another scope since, and read their sources once again.
 */
export class WatermarksByClock1700000000011 implements MigrationInterface {
  readonly name = 'WatermarksByClock1700000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pipelines.watermarks
        -- Instants by clock, as warehouses write them; the only one of sources with one clock is the empty text.
        ADD COLUMN watermarks jsonb NOT NULL DEFAULT '{}',
        -- Raised by every run that completes: who began from an older one has not seen what others loaded meanwhile.
        ADD COLUMN revision integer NOT NULL DEFAULT 1;
      UPDATE pipelines.watermarks SET watermarks = jsonb_build_object(
        '', to_char(watermark AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
      ALTER TABLE pipelines.watermarks
        DROP COLUMN watermark,
        ALTER COLUMN watermarks DROP DEFAULT,
        ALTER COLUMN revision DROP DEFAULT;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM pipelines.watermarks WHERE NOT watermarks ? '';
      ALTER TABLE pipelines.watermarks ADD COLUMN watermark timestamptz(6);
      UPDATE pipelines.watermarks SET watermark = (watermarks ->> '')::timestamptz;
      ALTER TABLE pipelines.watermarks
        ALTER COLUMN watermark SET NOT NULL,
        DROP COLUMN watermarks,
        DROP COLUMN revision;
    `);
  }
}
