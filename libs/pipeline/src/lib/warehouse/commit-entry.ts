import { plainDecimal, subtractDecimals } from '../money/decimal.ts';
import type { CommitReceipt, LoadProof, MoneyTotal, RestatedFigure } from './receipt.ts';

/**
 * A commit as its warehouse's ledger keeps it: one row per run, written by the transaction that changes the target.
 * Lists are JSON texts, decimals texts inside of them.
 */
export interface CommitEntry {
  readonly attempt: string;
  readonly rows_committed: string;
  readonly rows_replaced: string;
  /** `MoneyTotal[]` */
  readonly money: string;
  /** `UtcDate[]` */
  readonly days_replaced: string;
  readonly restated_figures: string;
  /** `RestatedFigure[]` without their differences. */
  readonly restated: string;
  /** The job that committed; null where the warehouse has no jobs. */
  readonly job_id: string | null;
  /** {@link LoadProof} */
  readonly proof: string;
}

/**
 * The receipt of a commit, read from the ledger.
 * @param attempt The attempt that asks.
 */
export function toCommitReceipt(entry: CommitEntry, attempt: number): CommitReceipt {
  const money = JSON.parse(entry.money) as MoneyTotal[];
  const restated = JSON.parse(entry.restated) as Omit<RestatedFigure, 'difference'>[];
  return {
    proof: JSON.parse(entry.proof) as LoadProof,
    committed: {
      rows: Number(entry.rows_committed),
      money: money.map(({ column, currency, sum }) => ({ column, currency, sum: plainDecimal(sum) })),
    },
    rowsReplaced: Number(entry.rows_replaced),
    daysReplaced: JSON.parse(entry.days_replaced) as string[],
    restatement: {
      figures: Number(entry.restated_figures),
      entries: restated.map(({ day, column, currency, before, after }) => ({
        day,
        column,
        currency,
        before: plainDecimal(before),
        after: plainDecimal(after),
        difference: subtractDecimals(after, before),
      })),
    },
    jobIds: entry.job_id === null ? [] : [entry.job_id],
    alreadyCommitted: Number(entry.attempt) !== attempt,
  };
}
