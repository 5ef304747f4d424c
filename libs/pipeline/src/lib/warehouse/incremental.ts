import { daySpans, windowFrom } from './day-spans.ts';
import type { LoadProof, StagedTotals } from './receipt.ts';
import type { Load } from './warehouse.ts';
import { byClock, laterOf, latestOf, type Watermarks } from './watermarks.ts';

/** Whether a load takes in what its sources got since an earlier one, beside the days of its window. */
export function isIncremental({ schema }: Pick<Load, 'schema'>): boolean {
  return schema.watermarkColumn !== undefined;
}

/** A load with the days that its commit replaces, where these are not the window's alone. */
export type SpannedLoad = Load & Pick<LoadProof, 'spans'>;

/**
 * What the proof of an incremental load says beside rows and money; of any other load, nothing.
 * @param since The watermarks that the load began from. Of a clock of which nothing newer was staged, that one still holds.
 */
export function proveIncrement(
  { schema, window }: Pick<Load, 'schema' | 'window'>,
  { days = [], ...staged }: Pick<StagedTotals, 'days' | 'watermark' | 'watermarks'>,
  since: Watermarks = {},
): Pick<LoadProof, 'spans' | 'watermark' | 'watermarks'> {
  if (schema.watermarkColumn === undefined) return {};
  const watermarks = laterOf(since, byClock(staged));
  return {
    spans: daySpans(windowFrom(window, schema.firstDay), days),
    watermark: latestOf(watermarks),
    ...(schema.watermarkBy !== undefined && { watermarks }),
  };
}
