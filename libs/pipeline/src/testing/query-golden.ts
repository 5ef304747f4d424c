import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DescribedTable } from '../lib/warehouse/described-table.ts';
import type { ColumnType, TableSchema } from '../lib/warehouse/table-schema.ts';
import { stageControlled, type StagingQuery } from '../lib/warehouse/source-control.ts';
import type { ReadWarehouse, WarehouseEngine } from '../lib/warehouse/warehouse.ts';
import type { RunWindow } from '../lib/window/run-window.ts';
import { HARNESS_START_TIMEOUT_MS, type RowText, type WarehouseHarness } from './warehouse-bench.ts';
import { aLoad, prove } from './warehouse-load.ts';

/** A field of a table that others fill, such as a billing export: also of types that no target of ours has. */
export interface SourceField {
  readonly name: string;
  readonly type: ColumnType | 'FLOAT64';
  readonly repeated?: boolean;
  /** Of a STRUCT. */
  readonly fields?: readonly SourceField[];
}

/** A table that a query reads, with rows as JSON: exact decimals and timestamps are texts. */
export interface SourceTable {
  readonly table: string;
  readonly fields: readonly SourceField[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** A warehouse in which source tables can be made. */
export interface QueryHarness extends WarehouseHarness {
  createSource(dataset: string, source: SourceTable): Promise<void>;
}

/** Both texts of a query processor, the rows they read, and the rows they must give. */
export interface QueryGolden {
  readonly schema: TableSchema;
  /** The days loaded: a row of another undoes the commit. */
  readonly window: RunWindow;
  readonly sources: readonly SourceTable[];
  /**
   * The text for the engine, reading the sources in the dataset.
   * @param sources As the warehouse describes them, in order.
   */
  query(
    engine: WarehouseEngine,
    dataset: string,
    sources: readonly DescribedTable[],
    read: ReadWarehouse,
  ): StagingQuery | Promise<StagingQuery>;
  /** Groups by which the query's control holds the staged rows against the sources; absent where it has none. */
  readonly controlled?: number;
  /** In any order, every value written out. */
  readonly expected: readonly RowText[];
}

/**
 * Runs the queries in a warehouse, by way of staging and commit as a run does, and compares the target's rows with the
 * expected ones exactly. Call it for each warehouse with the same goldens.
 */
export function describeQueryGoldens(
  name: string,
  start: () => Promise<QueryHarness>,
  goldens: Readonly<Record<string, QueryGolden>>,
): void {
  describe(`${name} gives the golden rows`, () => {
    let harness: QueryHarness;

    beforeAll(async () => {
      harness = await start();
    }, HARNESS_START_TIMEOUT_MS);
    afterAll(() => harness.close());

    it.each(Object.entries(goldens))('of %s', async (_title, golden) => {
      const { warehouse } = harness;
      const dataset = `golden_${randomUUID().replaceAll('-', '')}`;
      for (const source of golden.sources) await harness.createSource(dataset, source);
      const load = aLoad({
        runId: randomUUID(),
        schema: golden.schema,
        window: golden.window,
        target: { dataset, table: 'golden', writeDisposition: 'replace' },
      });

      const sources: DescribedTable[] = [];
      for (const { table } of golden.sources) {
        sources.push((await warehouse.describeTable(load, { dataset, table }))!);
      }
      const read: ReadWarehouse = (query) => warehouse.read(load, query);
      const query = await golden.query(warehouse.engine, dataset, sources, read);
      const { stage, control } = await stageControlled(warehouse, load, query);
      expect(control?.groups).toBe(golden.controlled);
      await warehouse.commit(load, await prove(warehouse, load, stage));
      await warehouse.discard(load);

      const names = golden.schema.columns.map((column) => column.name);
      const rows = (await harness.read(dataset, 'golden')).map((row) =>
        Object.fromEntries(names.map((column) => [column, row[column]])),
      );
      expect(inOrder(rows)).toEqual(inOrder(golden.expected));
    });
  });
}

/** The rows of a source as newline-delimited JSON, which every warehouse loads. */
export function toNdjsonText({ rows }: SourceTable): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function inOrder<T extends object>(rows: readonly T[]): T[] {
  const key = (row: T): string => JSON.stringify(Object.entries(row).sort());
  return [...rows].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}
