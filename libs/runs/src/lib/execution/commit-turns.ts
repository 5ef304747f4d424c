import type { DataSource } from 'typeorm';
import type { Attempt } from './attempt.ts';

/** Who waits in a line. */
export type Waiting = Pick<Attempt, 'runId' | 'number'>;

/**
 * Asking is serialized per line, so that nobody who asked earlier becomes visible later: a turn is never given twice.
 * An attempt whose run ended so long ago that it is archived gets no place.
 */
const ASK = `
  WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('commit turn ' || $1, 0)))
  INSERT INTO pipelines.commit_turns (line, run_id, attempt) SELECT $1, runs.id, $3 FROM alone, pipelines.runs
  WHERE runs.id = $2
  ON CONFLICT (run_id, attempt) DO NOTHING`;

/** An attempt whose lease has expired is passed over; it has its turn again if it turns out to be alive. */
const NEXT = `
  SELECT turn.run_id AS "runId", turn.attempt AS number
  FROM pipelines.commit_turns AS turn JOIN pipelines.runs ON runs.id = turn.run_id AND runs.attempt = turn.attempt
  WHERE turn.line = $1 AND runs.status IN ('validating', 'running') AND runs.lease_expires_at > now()
  ORDER BY turn.place LIMIT 1`;

const LEAVE = 'DELETE FROM pipelines.commit_turns WHERE run_id = $1 AND attempt = $2';

const REMOVE_LEFT = `
  DELETE FROM pipelines.commit_turns AS turn WHERE NOT EXISTS (
    SELECT FROM pipelines.runs
    WHERE runs.id = turn.run_id AND runs.attempt = turn.attempt AND runs.status IN ('validating', 'running')
  )`;

/** Takes the last place of the line; the attempt keeps it when it asks again. */
export async function askForTurn(dataSource: DataSource, line: string, waiting: Waiting): Promise<void> {
  await dataSource.query(ASK, [line, waiting.runId, waiting.number]);
}

/** The first of the line that is at work. */
export async function nextInLine(dataSource: DataSource, line: string): Promise<Waiting | undefined> {
  const [next] = await dataSource.query<Waiting[]>(NEXT, [line]);
  return next;
}

/** Leaves the line, whether or not the attempt had its turn. */
export async function leaveLine(dataSource: DataSource, { runId, number }: Waiting): Promise<void> {
  await dataSource.query(LEAVE, [runId, number]);
}

/** Removes the places of attempts that are no longer at work, because their worker died before it could. */
export async function removeLeftTurns(dataSource: DataSource): Promise<void> {
  await dataSource.query(REMOVE_LEFT);
}
