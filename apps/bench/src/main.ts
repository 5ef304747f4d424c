import 'reflect-metadata';
import { measureAdmissions } from './admission-rate.ts';
import { Installation } from './installation.ts';
import { printTable, type Measurement } from './measurement.ts';
import { measureNoopRuns } from './noop-rate.ts';
import { measureStartLatency } from './start-latency.ts';

/** Measures how fast runs are admitted, started and done with, beside the bare parts, all on one PostgreSQL. */
async function main(): Promise<void> {
  const installation = await Installation.start();
  try {
    const measurements: Measurement[] = [];
    for (const measure of [measureAdmissions, measureStartLatency, measureNoopRuns]) {
      measurements.push(...(await measure(installation)));
    }
    printTable(measurements);
  } finally {
    await installation.stop();
  }
}

await main();
