import { percentile } from './measurement.ts';

/** What a bounded load took: altogether, and each call of it. */
export interface LoadResult {
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/** Calls `once` from `connections` loops until `total` calls are done; a call that throws ends the load. */
export async function load(
  total: number,
  connections: number,
  once: (index: number) => Promise<void>,
): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  const loop = async () => {
    while (next < total) {
      const index = next++;
      const before = performance.now();
      await once(index);
      latenciesMs.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  return { seconds: (performance.now() - startedAt) / 1000, latenciesMs };
}

/** The figures of several loads of one kind, taken together. */
export function summarize(loads: readonly LoadResult[]): {
  perSecond: number;
  medianMs: number;
  p99Ms: number;
} {
  const latencies = loads.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  return {
    perSecond: latencies.length / loads.reduce((sum, { seconds }) => sum + seconds, 0),
    medianMs: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}
