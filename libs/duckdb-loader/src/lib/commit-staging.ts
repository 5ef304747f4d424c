import type { DuckDBConnection } from '@duckdb/node-api';
import { PipelineError, type CommitReceipt, type Load } from '@pipelines/pipeline';
import { findCommit, recordCommit } from './commit-ledger.ts';
import { ensureTarget } from './target-table.ts';
import { writeTarget, type WrittenRows } from './write-target.ts';

/**
 * Moves the attached staging database into the target and enters the run into the ledger, in one transaction.
 * @param staging Name of the attached staging database.
 * @throws PipelineError `warehouse_unavailable` when it is not known whether the transaction took effect.
 */
export async function commitStaging(
  connection: DuckDBConnection,
  staging: string,
  load: Load,
): Promise<CommitReceipt> {
  await connection.run('BEGIN TRANSACTION');
  let written: WrittenRows;
  try {
    await ensureTarget(connection, load);
    written = await writeTarget(connection, staging, load);
    await recordCommit(connection, load, written);
  } catch (error) {
    await rollBack(connection);
    throw error;
  }
  await endTransaction(connection, load);
  return { ...written, jobIds: [], alreadyCommitted: false };
}

/**
 * A COMMIT can fail after it took effect, in the checkpoint that follows it. Only the ledger tells, once the
 * transaction is certain to be over: inside of it the run's own entry would be seen.
 */
async function endTransaction(connection: DuckDBConnection, load: Load): Promise<void> {
  try {
    await connection.run('COMMIT');
  } catch (error) {
    await rollBack(connection);
    if (!(await wasCommitted(connection, load))) throw error;
  }
}

async function wasCommitted(connection: DuckDBConnection, load: Load): Promise<boolean> {
  try {
    return (await findCommit(connection, load)) !== undefined;
  } catch (cause) {
    throw new PipelineError(
      'warehouse_unavailable',
      'The DuckDB warehouse does not say whether it committed. The load will be tried again, and finds the commit if there is one.',
      { cause },
    );
  }
}

/** What failed may have rolled back already, and the error of a second rollback would hide why. */
async function rollBack(connection: DuckDBConnection): Promise<void> {
  await connection.run('ROLLBACK').catch(() => undefined);
}
