import 'reflect-metadata';
import { measureAdmissions } from './admission-rate.ts';
import { Installation } from './installation.ts';
import { runCommand, type Resources } from '@pipelines/service-driver';
import { printTable, type Measurement } from './measurement.ts';
import { measureNoopRuns } from './noop-rate.ts';
import { measureStartLatency } from './start-latency.ts';

/** Measures how fast runs are admitted, started and done with, beside the bare parts, all on one PostgreSQL. */
async function main(resources: Resources): Promise<void> {
  const installation = await resources.add(Installation.start, (opened) => opened.stop());
  const measurements: Measurement[] = [];
  for (const measure of [measureAdmissions, measureStartLatency, measureNoopRuns]) {
    measurements.push(...(await measure(installation)));
  }
  if (!printTable(measurements)) process.exitCode = 1;
}

await runCommand(main);
