import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pipelines that an organization has running by themselves, and what became of each time they were due. */
export class Schedules1700000000003 implements MigrationInterface {
  readonly name = 'Schedules1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipelines.schedules (
        id             uuid PRIMARY KEY,
        org_slug       text NOT NULL REFERENCES pipelines.organizations,
        provider       text NOT NULL,
        domain         text NOT NULL,
        pipeline       text NOT NULL,
        enabled        boolean NOT NULL,
        -- Every occurrence up to here has been dealt with.
        handled_until  timestamptz(3) NOT NULL,
        next_due_at    timestamptz(3),
        updated_at     timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (org_slug, provider, domain, pipeline)
      );

      CREATE TABLE pipelines.schedule_occurrences (
        schedule_id     uuid NOT NULL REFERENCES pipelines.schedules ON DELETE CASCADE,
        due_at          timestamptz(3) NOT NULL,
        window_start    date NOT NULL,
        window_end      date NOT NULL CHECK (window_end > window_start),
        run_id          uuid,
        missed_code     text,
        missed_message  text,
        -- When a missed occurrence is tried again; never, when it is null.
        retry_at        timestamptz(3),
        PRIMARY KEY (schedule_id, due_at),
        CHECK ((run_id IS NULL) = (missed_code IS NOT NULL)),
        CHECK (run_id IS NULL OR retry_at IS NULL)
      );

      CREATE INDEX schedule_occurrences_missed ON pipelines.schedule_occurrences (schedule_id) WHERE retry_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pipelines.schedule_occurrences, pipelines.schedules');
  }
}
