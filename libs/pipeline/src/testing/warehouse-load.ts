import { proveIncrement } from '../lib/warehouse/incremental.ts';
import type { Row, TableSchema } from '../lib/warehouse/table-schema.ts';
import type { LoadProof, StageReceipt } from '../lib/warehouse/receipt.ts';
import type { Load, LoadTarget, Warehouse } from '../lib/warehouse/warehouse.ts';

/** A small cost table, for loads whose schema does not matter. */
export const COSTS: TableSchema = {
  description: "Costs; it's only a sample",
  columns: [
    { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'UTC day' },
    { name: 'item', type: 'STRING', description: 'What was paid for' },
    { name: 'cost', type: 'BIGNUMERIC', mode: 'REQUIRED', description: 'Cost in the currency' },
    { name: 'currency', type: 'STRING', mode: 'REQUIRED', description: 'ISO 4217 code' },
  ],
  windowColumn: 'day',
  money: [{ amount: 'cost', currency: 'currency' }],
};

/** What a spec may say of a load; the rest is the same for all. */
export interface LoadChange extends Partial<Omit<Load, 'target'>> {
  readonly target?: Partial<LoadTarget>;
}

/** A load of the first of November 2026 into `acme_test.costs`. */
export function aLoad({ target, ...change }: LoadChange = {}): Load {
  return {
    runId: '0199c0de-0000-7000-8000-000000000001',
    attempt: 1,
    org: 'acme',
    pipeline: 'sample/cost/daily',
    loadedAt: '2026-11-02T03:04:05.678Z',
    window: { start: '2026-11-01', end: '2026-11-02' },
    schema: COSTS,
    signal: new AbortController().signal,
    ...change,
    target: { dataset: 'acme_test', table: 'costs', writeDisposition: 'replace_partitions', ...target },
  };
}

/** A row of {@link COSTS}. */
export function aCost(day: string, cost: string, item: string | null = 'tokens', currency = 'USD'): Row {
  return { day, item, cost, currency };
}

/** Batches as a processor yields them. */
export async function* inBatches(...batches: readonly (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* batches;
}

const NOTHING_TAKEN: StageReceipt = { bytesStaged: 0, bytesProcessed: 0, jobIds: [] };

/** The proof of a load of no rows. */
export const NOTHING_PROVEN: LoadProof = {
  rows: { extracted: 0, staged: 0 },
  money: { extracted: [], staged: [] },
  stage: NOTHING_TAKEN,
};

/** The proof of a load of which all that was extracted is staged. */
export async function prove(warehouse: Warehouse, load: Load, stage = NOTHING_TAKEN): Promise<LoadProof> {
  const staged = await warehouse.check(load);
  const { rows, money } = staged;
  return {
    rows: { extracted: rows, staged: rows },
    money: { extracted: money, staged: money },
    stage,
    ...proveIncrement(load, staged),
  };
}
