import type { DuckDBConnection } from '@duckdb/node-api';
import {
  PipelineError,
  totalsDifference,
  type CommitReceipt,
  type Load,
  type LoadProof,
  type LoadTotals,
  type SpannedLoad,
} from '@pipelines/pipeline';
import { readCommit, recordCommit } from './commit-ledger.ts';
import { readDaysToReplace, readRestatement, rememberFigures } from './restatement.ts';
import { quoteText, targetName, windowPredicate } from './sql-names.ts';
import { sumRows } from './sum-rows.ts';
import { ensureTarget } from './target-table.ts';
import { writeTarget } from './write-target.ts';

/**
 * Moves the attached staging database into the target and enters the run into the ledger, in one transaction.
 * @param staging Name of the attached staging database.
 * @throws PipelineError `receipt_mismatch` when the target would hold other rows or sums of the run than were proven,
 * `warehouse_unavailable` when it is not known whether the transaction took effect.
 */
export async function commitStaging(
  connection: DuckDBConnection,
  staging: string,
  load: Load,
  proof: LoadProof,
): Promise<CommitReceipt> {
  await connection.run('BEGIN TRANSACTION');
  let receipt: CommitReceipt;
  try {
    receipt = await write(connection, staging, { ...load, spans: proof.spans }, proof);
  } catch (error) {
    await rollBack(connection);
    throw error;
  }
  await endTransaction(connection, load);
  return receipt;
}

async function write(
  connection: DuckDBConnection,
  staging: string,
  load: SpannedLoad,
  proof: LoadProof,
): Promise<CommitReceipt> {
  await ensureTarget(connection, load);
  const daysReplaced = await readDaysToReplace(connection, load);
  await rememberFigures(connection, load);
  const rowsReplaced = await writeTarget(connection, staging, load);
  // A row outside the window was not proven, so it does not count.
  const own = `_run_id = ${quoteText(load.runId)} AND ${windowPredicate(load)}`;
  const committed = await sumRows(connection, load, targetName(load), own);
  assertProven(proof, committed);
  await recordCommit(connection, load, {
    rows_committed: String(committed.rows),
    rows_replaced: String(rowsReplaced),
    money: JSON.stringify(committed.money),
    days_replaced: JSON.stringify(daysReplaced),
    ...(await readRestatement(connection, load)),
    proof: JSON.stringify(proof),
  });
  // Read back, so that this attempt is told what every later one will be.
  return (await readCommit(connection, load))!;
}

function assertProven({ rows, money }: LoadProof, committed: LoadTotals): void {
  const extracted = { rows: rows.extracted, money: money.extracted };
  const difference = totalsDifference(extracted, committed, ['extracted', 'committed']);
  if (difference === undefined) return;
  throw new PipelineError('receipt_mismatch', `${difference}. The commit was undone.`);
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
    return (await readCommit(connection, load)) !== undefined;
  } catch (cause) {
    throw new PipelineError(
      'warehouse_unavailable',
      'The DuckDB warehouse does not say whether it committed. Its table _pipelines.commits has the run if it did.',
      { cause },
    );
  }
}

/** What failed may have rolled back already, and the error of a second rollback would hide why. */
async function rollBack(connection: DuckDBConnection): Promise<void> {
  await connection.run('ROLLBACK').catch(() => undefined);
}
