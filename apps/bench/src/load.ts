import { percentile } from './measurement.ts';

/** What a bounded load measured. */
export interface LoadResult {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Calls `once` from `connections` loops until `total` calls are done; a call that throws ends the load. */
export async function load(
  total: number,
  connections: number,
  once: (index: number) => Promise<void>,
): Promise<LoadResult> {
  const latencies: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  const loop = async () => {
    while (next < total) {
      const index = next++;
      const before = performance.now();
      await once(index);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: total / seconds,
    medianMs: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}
