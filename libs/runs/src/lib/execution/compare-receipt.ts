import { PipelineError, totalsDifference, type StagedTotals } from '@pipelines/pipeline';
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
  const difference = totalsDifference(extracted, staged, ['extracted', 'staged']);
  if (difference === undefined) return;
  throw new PipelineError('receipt_mismatch', `${difference}. The target was not touched.`);
}
