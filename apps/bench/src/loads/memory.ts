import 'reflect-metadata';
import { runCommand, type Resources } from '@pipelines/service-driver';
import { CostsProvider } from './costs-provider.ts';
import { LoadingService, type LoadedRun } from './loading-service.ts';

/** 366 days of them are five million rows and a few more. */
const ROWS_PER_DAY = 13_662;
const WINDOWS = [
  { start: '2024-01-01', end: '2024-02-07' },
  { start: '2024-01-01', end: '2025-01-01' },
];
/** What a page holds is in memory at once; a day of it is 3.4 MB. */
const PAGE_DAYS = 1;
const LIMIT_MB = 400;
const TOLERANCE = 0.1;

/** Peak memory of a fresh worker that loads half a million rows in one run, and of one that loads ten times as many. */
async function main(resources: Resources): Promise<void> {
  const provider = await resources.add(
    () => CostsProvider.start(ROWS_PER_DAY),
    (started) => started.stop(),
  );
  const service = await resources.add(
    () => LoadingService.start(PAGE_DAYS),
    (started) => started.stop(),
  );
  const runs: LoadedRun[] = [];
  for (const [index, window] of WINDOWS.entries()) {
    await service.restart(provider.url);
    console.log(
      `Loading ${window.start} to ${window.end}; the idle worker's peak is ${service.workerPeakMb.toFixed(0)} MB.`,
    );
    runs.push(await service.load(`bench_${index}`, window));
  }
  const ratio = runs[1]!.peakMb / runs[0]!.peakMb;
  console.table(
    runs.map((run) => ({
      rows: run.rows,
      'peak MB': Math.round(run.peakMb),
      seconds: run.seconds.toFixed(1),
      'rows/s': Math.round(run.rows / run.seconds),
      'CPU µs/row': ((run.cpuSeconds * 1e6) / run.rows).toFixed(1),
    })),
  );
  const met = runs.every(({ peakMb }) => peakMb < LIMIT_MB) && Math.abs(ratio - 1) <= TOLERANCE;
  console.log(
    `Ratio of the peaks: ${ratio.toFixed(2)}. Required: below ${LIMIT_MB} MB and within ${TOLERANCE * 100} %: ${met ? 'met' : 'NOT met'}.`,
  );
  if (!met) process.exitCode = 1;
}

await runCommand(main);
