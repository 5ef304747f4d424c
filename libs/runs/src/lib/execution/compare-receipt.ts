import { equalDecimals, PipelineError, type MoneyTotal, type StagedTotals } from '@pipelines/pipeline';
import type { ExtractionTally } from './extraction-tally.ts';

/**
 * Refuses to go on unless what lies in staging is what was extracted: as many rows, the same sum of each money column
 * per currency, and no row outside the window.
 * @throws PipelineError `receipt_mismatch`, or `provider_response_invalid` when rows lie outside the window.
 */
export function assertReceipt(extracted: ExtractionTally, staged: StagedTotals): void {
  if (extracted.rowsOutsideWindow > 0 || staged.rowsOutsideWindow > 0) {
    throw new PipelineError(
      'provider_response_invalid',
      `${Math.max(extracted.rowsOutsideWindow, staged.rowsOutsideWindow)} rows lie outside the window that was asked for. The target was not touched.`,
    );
  }
  if (staged.rows !== extracted.rows) {
    throw mismatch(`${extracted.rows} rows were extracted but ${staged.rows} staged`);
  }
  const stagedByKey = new Map(staged.money.map((total) => [keyOf(total), total]));
  for (const total of extracted.money) {
    const stagedSum = stagedByKey.get(keyOf(total))?.sum ?? '0';
    if (!equalDecimals(total.sum, stagedSum)) {
      throw mismatch(
        `${total.column} in ${total.currency} sums to ${total.sum} extracted but ${stagedSum} staged`,
      );
    }
    stagedByKey.delete(keyOf(total));
  }
  const [surplus] = [...stagedByKey.values()].filter(({ sum }) => !equalDecimals(sum, '0'));
  if (surplus)
    throw mismatch(`${surplus.sum} ${surplus.currency} of ${surplus.column} were staged but never extracted`);
}

function keyOf({ column, currency }: MoneyTotal): string {
  return JSON.stringify([column, currency]);
}

function mismatch(difference: string): PipelineError {
  return new PipelineError('receipt_mismatch', `${difference}. The target was not touched.`);
}
