import { daySpans, windowFrom } from './day-spans.ts';
import type { LoadProof, StagedTotals } from './receipt.ts';
import type { Load } from './warehouse.ts';

/** Whether a load takes in what its sources got since an earlier one, beside the days of its window. */
export function isIncremental({ schema }: Pick<Load, 'schema'>): boolean {
  return schema.watermarkColumn !== undefined;
}

/** A load with the days that its commit replaces, where these are not the window's alone. */
export type SpannedLoad = Load & Pick<LoadProof, 'spans'>;

/**
 * What the proof of an incremental load says beside rows and money; of any other load, nothing.
 * @param since The watermark that the load began from. Where nothing newer was staged, it still holds.
 */
export function proveIncrement(
  { schema, window }: Pick<Load, 'schema' | 'window'>,
  { days = [], watermark }: Pick<StagedTotals, 'days' | 'watermark'>,
  since?: string,
): Pick<LoadProof, 'spans' | 'watermark'> {
  if (schema.watermarkColumn === undefined) return {};
  const reached = [since, watermark].filter((text) => text !== undefined).sort();
  return { spans: daySpans(windowFrom(window, schema.firstDay), days), watermark: reached.at(-1) };
}
