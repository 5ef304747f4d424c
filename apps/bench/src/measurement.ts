/** One row of the table that the bench prints. */
export interface Measurement {
  readonly name: string;
  readonly perSecond?: number;
  readonly medianMs?: number;
  readonly p99Ms?: number;
  /** The rate in relation to that of the bare part, measured in the same run. */
  readonly ratio?: number;
  readonly bounds?: Bounds;
}

/** What a measurement has to reach. */
export interface Bounds {
  readonly minRatio?: number;
  readonly maxMedianMs?: number;
  readonly maxP99Ms?: number;
}

/** The value below which the fraction of the sorted values lies. */
export function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/**
 * Prints the measurements with the bound beside each, and whether it is met.
 * @returns Whether all are.
 */
export function printTable(measurements: readonly Measurement[]): boolean {
  let allMet = true;
  console.table(
    Object.fromEntries(
      measurements.map(({ name, perSecond, medianMs, p99Ms, ratio, bounds = {} }) => {
        const checks = checksOf({ medianMs, p99Ms, ratio }, bounds);
        allMet &&= checks.every(({ met }) => met);
        const row = {
          'per second': perSecond?.toFixed(0) ?? '',
          'median ms': medianMs?.toFixed(1) ?? '',
          'p99 ms': p99Ms?.toFixed(1) ?? '',
          ratio: ratio?.toFixed(2) ?? '',
          required: checks.map(({ text }) => text).join(', '),
          met: checks.map(({ met }) => (met ? 'yes' : 'NO')).join(', '),
        };
        return [name, row];
      }),
    ),
  );
  return allMet;
}

function checksOf(
  { ratio = NaN, medianMs = NaN, p99Ms = NaN }: Pick<Measurement, 'ratio' | 'medianMs' | 'p99Ms'>,
  { minRatio, maxMedianMs, maxP99Ms }: Bounds,
): { text: string; met: boolean }[] {
  return [
    ...(minRatio === undefined ? [] : [{ text: `ratio >= ${minRatio}`, met: ratio >= minRatio }]),
    ...(maxMedianMs === undefined
      ? []
      : [{ text: `median < ${maxMedianMs} ms`, met: medianMs < maxMedianMs }]),
    ...(maxP99Ms === undefined ? [] : [{ text: `p99 < ${maxP99Ms} ms`, met: p99Ms < maxP99Ms }]),
  ];
}
