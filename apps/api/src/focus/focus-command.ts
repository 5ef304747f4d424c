import { NestFactory } from '@nestjs/core';
import { PipelineError, toUtcDate, Warehouse, type Load } from '@pipelines/pipeline';
import { FOCUS_UNIFIED_SCHEMA } from '@pipelines/processors-unified';
import { v7 as uuidv7 } from 'uuid';
import { parseSettings, SettingsError } from '../settings/parse-settings.ts';
import { warehouseModule } from '../warehouse-module.ts';

/** What a command reads: the dataset of one organization. */
export interface FocusDataset {
  readonly warehouse: Warehouse;
  /** Stands for a load of the unified table, of which nothing is loaded: it says where, and in whose name. */
  readonly access: Load;
}

/** What a person got wrong; the message alone is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Runs a command on the warehouse that the environment's settings choose, until it is interrupted. What fails is written
 * to standard error, and the exit code is 2.
 */
export async function runOnDataset(
  org: string | undefined,
  command: (dataset: FocusDataset) => Promise<void>,
): Promise<void> {
  try {
    if (org === undefined) throw new UsageError('Name the organization: --org acme_corp');
    const settings = parseSettings(process.env);
    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort(new UsageError('Interrupted.')));
    const context = await NestFactory.createApplicationContext(warehouseModule(settings), { logger: false });
    try {
      const dataset = `${org}_${settings.APP_ENV}`;
      await command({
        warehouse: context.get(Warehouse),
        access: accessOf(org, dataset, interrupted.signal),
      });
    } finally {
      await context.close();
    }
  } catch (error) {
    const expected =
      error instanceof PipelineError || error instanceof SettingsError || error instanceof UsageError;
    console.error(expected ? error.message : error);
    process.exitCode = 2;
  }
}

function accessOf(org: string, dataset: string, signal: AbortSignal): Load {
  const now = new Date();
  return {
    runId: uuidv7(),
    attempt: 1,
    org,
    pipeline: 'focus/unified/cost_and_usage',
    loadedAt: now.toISOString(),
    window: { start: toUtcDate(now), end: toUtcDate(now) },
    schema: FOCUS_UNIFIED_SCHEMA,
    target: { dataset, table: 'focus_cost_and_usage', writeDisposition: 'replace_partitions' },
    signal,
  };
}
