import 'reflect-metadata';
import { join } from 'node:path';
import { runCommand, type Resources } from '@pipelines/service-driver';
import { median } from '../measurement.ts';
import { CostsProvider } from './costs-provider.ts';
import { download, readJson, recordPages, type Limit } from './limits.ts';
import { LoadingService } from './loading-service.ts';

const ROWS_PER_DAY = 13_662;
const DAYS = 35;
const WINDOW = { start: '2024-01-01', end: '2024-02-05' };
const PAGE_DAYS = 7;
const ROWS = ROWS_PER_DAY * DAYS;
const ROUNDS = 5;
const REQUIRED_RATIO = 0.3;

const STEPS = {
  download: 'bare HTTP download',
  readJson: "DuckDB's read_json from disk",
  path: 'extract → stage → check → commit',
} as const;

/**
 * Rows per second of a run of the service beside what bounds it, on the same pages, in turns. The first round warms
 * everything up and is not counted.
 */
async function main(resources: Resources): Promise<void> {
  const service = await resources.add(
    () => LoadingService.start(PAGE_DAYS),
    (started) => started.stop(),
  );
  const pages = await recordPages(join(service.directory, 'pages'), WINDOW, PAGE_DAYS, ROWS_PER_DAY);
  const provider = await resources.add(
    () => CostsProvider.start(ROWS_PER_DAY, pages.directory),
    (started) => started.stop(),
  );
  await service.restart(provider.url);
  const measured: Record<keyof typeof STEPS, Limit[]> = { download: [], readJson: [], path: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const limits = {
      download: await download(provider.url, pages),
      readJson: await readJson(pages, ROWS),
      path: await service.load(`bench_${round}`, WINDOW),
    };
    if (round === 0) continue;
    for (const step of Object.keys(STEPS) as (keyof typeof STEPS)[]) measured[step].push(limits[step]);
  }

  const readRate = rate(measured.readJson);
  console.table(
    Object.fromEntries(
      Object.entries(STEPS).map(([step, name]) => {
        const limits = measured[step as keyof typeof STEPS];
        return [
          name,
          {
            'rows/s': Math.round(rate(limits)),
            'CPU µs/row': ((median(limits.map(({ cpuSeconds }) => cpuSeconds)) * 1e6) / ROWS).toFixed(1),
            'ratio to read_json': (rate(limits) / readRate).toFixed(2),
          },
        ];
      }),
    ),
  );
  const met = rate(measured.path) / readRate >= REQUIRED_RATIO;
  console.log(`Required: our path at ${REQUIRED_RATIO} of read_json at least: ${met ? 'met' : 'NOT met'}.`);
  if (!met) process.exitCode = 1;
}

function rate(limits: readonly Limit[]): number {
  return ROWS / median(limits.map(({ seconds }) => seconds));
}

await runCommand(main);
