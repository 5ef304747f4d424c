import { randomUUIDv7 } from 'node:crypto';
import { inspect, parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { isOrganizationSlug, PipelineError, toUtcDate, Warehouse, type Load } from '@pipelines/pipeline';
import { FOCUS_UNIFIED_SCHEMA } from '@pipelines/processors-unified';
import type { Settings } from '../settings/settings.ts';
import { parseSettings, SettingsError } from '../settings/parse-settings.ts';
import { warehouseModule } from '../warehouse-module.ts';

/** What a command reads: the dataset of one organization. */
export interface FocusDataset {
  readonly warehouse: Warehouse;
  /** Stands for a load of the unified table, of which nothing is loaded: it says where, and in whose name. */
  readonly access: Load;
  /** Gives what the further modules of the command provide. */
  readonly context: INestApplicationContext;
}

class FocusCommandModule {}

/** What a person got wrong; the message alone is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command's options. What is wrong with them is written to standard error, and ends the process with exit code 2. */
export function parseOptions<T extends ParseArgsOptionsConfig>(options: T) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

/**
 * Runs a command on the warehouse that the environment's settings choose, until it is interrupted. What fails is written
 * to standard error.
 * @param furtherModules What the command needs besides the warehouse.
 * @returns The exit code: the command's, or 2 when it failed.
 */
export async function runOnDataset(
  environment: Readonly<Record<string, string | undefined>>,
  org: string | undefined,
  command: (dataset: FocusDataset) => Promise<number>,
  furtherModules: (settings: Settings) => NonNullable<DynamicModule['imports']> = () => [],
): Promise<number> {
  try {
    if (org === undefined || !isOrganizationSlug(org)) {
      throw new UsageError('Name the organization by its slug: --org acme_corp');
    }
    const settings = parseSettings(environment);
    const interrupted = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.once(signal, () => interrupted.abort(new UsageError('Interrupted.')));
    }
    const root = {
      module: FocusCommandModule,
      imports: [warehouseModule(settings), ...furtherModules(settings)],
    };
    const context = await NestFactory.createApplicationContext(root, { logger: false });
    try {
      const dataset = `${org}_${settings.APP_ENV}`;
      return await command({
        warehouse: context.get(Warehouse),
        access: accessOf(org, dataset, interrupted.signal),
        context,
      });
    } finally {
      await context.close();
    }
  } catch (error) {
    process.stderr.write(`${textOf(error)}\n`);
    return 2;
  }
}

/** Whoever runs a command is the operator, who has no other log. */
function textOf(error: unknown): string {
  if (error instanceof PipelineError) return [error.message, error.operatorDetail].filter(Boolean).join('\n');
  return error instanceof SettingsError || error instanceof UsageError ? error.message : inspect(error);
}

function accessOf(org: string, dataset: string, signal: AbortSignal): Load {
  const now = new Date();
  return {
    runId: randomUUIDv7(),
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
