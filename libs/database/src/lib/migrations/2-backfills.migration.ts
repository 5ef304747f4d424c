import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Backfills and the windows that each of them has to load; a window's run is found by `runs.backfill_id`. */
export class Backfills1700000000002 implements MigrationInterface {
  readonly name = 'Backfills1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipelines.backfills (
        id               uuid PRIMARY KEY,
        org_slug         text NOT NULL REFERENCES pipelines.organizations,
        provider         text NOT NULL,
        domain           text NOT NULL,
        pipeline         text NOT NULL,
        start_date       date NOT NULL,
        end_date         date NOT NULL CHECK (end_date > start_date),
        max_concurrent   integer NOT NULL CHECK (max_concurrent > 0),
        only_missing     boolean NOT NULL,
        retry_of         uuid REFERENCES pipelines.backfills,
        idempotency_key  text,
        request_hash     bytea,
        held_by_code     text,
        held_by_message  text,
        created_at       timestamptz(3) NOT NULL DEFAULT now(),
        next_advance_at  timestamptz NOT NULL DEFAULT now(),
        cancelled_at     timestamptz(3),
        finished_at      timestamptz(3)
      );

      CREATE TABLE pipelines.backfill_windows (
        backfill_id   uuid NOT NULL REFERENCES pipelines.backfills ON DELETE CASCADE,
        window_start  date NOT NULL,
        window_end    date NOT NULL CHECK (window_end > window_start),
        PRIMARY KEY (backfill_id, window_start)
      );

      CREATE UNIQUE INDEX backfills_keyed ON pipelines.backfills (org_slug, idempotency_key);
      CREATE INDEX backfills_open ON pipelines.backfills (next_advance_at) WHERE finished_at IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pipelines.backfill_windows, pipelines.backfills');
  }
}
