import type { DuckDBConnection } from '@duckdb/node-api';
import {
  toCommitReceipt,
  type CommitEntry,
  type CommitReceipt,
  type EarlierLoad,
  type Load,
} from '@pipelines/pipeline';
import { unlessMissing } from './duckdb.errors.ts';

const LEDGER = '_pipelines.commits';

/** Creates the table of the runs that have committed. It lies in the same file, so it commits with the data. */
export async function ensureLedger(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE SCHEMA IF NOT EXISTS _pipelines;
    CREATE TABLE IF NOT EXISTS ${LEDGER} (
      run_id VARCHAR PRIMARY KEY, attempt INTEGER NOT NULL, target VARCHAR NOT NULL, committed_at TIMESTAMP NOT NULL,
      rows_committed BIGINT NOT NULL, rows_replaced BIGINT NOT NULL, money VARCHAR NOT NULL,
      days_replaced VARCHAR NOT NULL, restated_figures BIGINT NOT NULL, restated VARCHAR NOT NULL,
      proof VARCHAR NOT NULL)`);
}

/** The receipt of the run's commit, if it has one. A file that holds no ledger yet holds no commit. */
export async function findCommit(
  connection: DuckDBConnection,
  load: EarlierLoad,
): Promise<CommitReceipt | undefined> {
  return unlessMissing(readCommit(connection, load));
}

/** The receipt of the run's commit, if it has one, where there is a ledger. */
export async function readCommit(
  connection: DuckDBConnection,
  { runId, attempt }: EarlierLoad,
): Promise<CommitReceipt | undefined> {
  const found = await connection.runAndReadAll(
    `SELECT *, NULL AS job_id FROM ${LEDGER} WHERE run_id = $runId`,
    { runId },
  );
  const [entry] = found.getRowObjectsJson();
  return entry && toCommitReceipt(entry as unknown as CommitEntry, attempt);
}

/** Enters the run's commit; the primary key lets a run do so once. */
export async function recordCommit(
  connection: DuckDBConnection,
  { runId, attempt, target }: Load,
  entry: Omit<CommitEntry, 'attempt' | 'job_id'>,
): Promise<void> {
  await connection.run(
    `INSERT INTO ${LEDGER} (run_id, attempt, target, committed_at, rows_committed, rows_replaced, money,
       days_replaced, restated_figures, restated, proof)
     VALUES ($runId, $attempt, $target, CAST(now() AS TIMESTAMP), $rows_committed, $rows_replaced, $money,
       $days_replaced, $restated_figures, $restated, $proof)`,
    { runId, attempt, target: `${target.dataset}.${target.table}`, ...entry },
  );
}
