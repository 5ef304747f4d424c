import type { DuckDBConnection } from '@duckdb/node-api';
import type { CommitReceipt, EarlierLoad, Load } from '@pipelines/pipeline';
import type { WrittenRows } from './write-target.ts';

const LEDGER = '_pipelines.commits';

/** Creates the table of the runs that have committed. It lies in the same file, so it commits with the data. */
export async function ensureLedger(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE SCHEMA IF NOT EXISTS _pipelines;
    CREATE TABLE IF NOT EXISTS ${LEDGER} (
      run_id VARCHAR PRIMARY KEY, attempt INTEGER NOT NULL, target VARCHAR NOT NULL, committed_at TIMESTAMP NOT NULL,
      rows_committed BIGINT NOT NULL, rows_replaced BIGINT NOT NULL)`);
}

/** The receipt of the run's commit, if it has one. A file that holds no ledger yet holds no commit. */
export async function findCommit(
  connection: DuckDBConnection,
  { runId }: EarlierLoad,
): Promise<CommitReceipt | undefined> {
  const ledger = await connection.runAndReadAll(
    `SELECT 1 FROM duckdb_tables()
     WHERE database_name = current_database() AND schema_name = '_pipelines' AND table_name = 'commits'`,
  );
  if (ledger.currentRowCount === 0) return undefined;
  const found = await connection.runAndReadAll(
    `SELECT rows_committed, rows_replaced FROM ${LEDGER} WHERE run_id = $runId`,
    { runId },
  );
  const [row] = found.getRowsJS() as [bigint, bigint][];
  return (
    row && { rowsCommitted: Number(row[0]), rowsReplaced: Number(row[1]), jobIds: [], alreadyCommitted: true }
  );
}

/** Enters the run's commit; the primary key lets a run do so once. */
export async function recordCommit(
  connection: DuckDBConnection,
  { runId, attempt, target }: Load,
  { rowsCommitted, rowsReplaced }: WrittenRows,
): Promise<void> {
  await connection.run(
    `INSERT INTO ${LEDGER} (run_id, attempt, target, committed_at, rows_committed, rows_replaced)
     VALUES ($runId, $attempt, $target, CAST(now() AS TIMESTAMP), $rowsCommitted, $rowsReplaced)`,
    { runId, attempt, target: `${target.dataset}.${target.table}`, rowsCommitted, rowsReplaced },
  );
}
