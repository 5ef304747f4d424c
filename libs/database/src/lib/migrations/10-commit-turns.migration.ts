import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The attempts that wait to commit, or commit, to a target that takes one commit at a time. */
export class CommitTurns1700000000010 implements MigrationInterface {
  readonly name = 'CommitTurns1700000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipelines.commit_turns (
        run_id   uuid NOT NULL REFERENCES pipelines.runs ON DELETE CASCADE,
        attempt  integer NOT NULL,
        -- The target, as the warehouse names it.
        line     text NOT NULL,
        -- The order of asking. Within a line it is the order in which the rows become visible, too.
        place    bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        PRIMARY KEY (run_id, attempt)
      );
      CREATE INDEX commit_turns_line ON pipelines.commit_turns (line, place);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pipelines.commit_turns');
  }
}
