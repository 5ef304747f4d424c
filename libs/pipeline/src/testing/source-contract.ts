import { setImmediate } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import type { Column, TableSchema } from '../lib/warehouse/table-schema.ts';
import type { TextRow } from '../lib/warehouse/warehouse.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost } from './warehouse-load.ts';

const field = (name: string, change: Partial<Column> = {}): Column => ({
  name,
  type: 'STRING',
  description: name,
  ...change,
});

const NESTED: TableSchema = {
  description: 'Nested',
  columns: [
    field('id'),
    field('labels', {
      type: 'STRUCT',
      mode: 'REPEATED',
      fields: [field('key'), field('values', { mode: 'REPEATED' })],
    }),
    field('project', {
      type: 'STRUCT',
      fields: [field('owner', { type: 'STRUCT', fields: [field('name')] })],
    }),
  ],
};

/** What a query processor is told of the tables that it reads. Part of the warehouse contract. */
export function describeSourceContract(it: ContractCase, bench: WarehouseBench): void {
  const describeTable = (dataset: string, table: string) =>
    bench.harness.warehouse.describeTable(bench.newLoad(), { dataset, table });

  describe('of sources', () => {
    it('tells the columns of a table with the fields inside of them', async () => {
      const load = bench.loadAs('replace', { schema: NESTED, target: { table: 'nested' } });
      await bench.run(load, { id: '1' });

      const described = await describeTable(bench.dataset, 'nested');

      expect(described!.reference).toEqual({ dataset: bench.dataset, table: 'nested' });
      expect(described!.columns.map(({ path, repeated }) => (repeated ? `${path}[]` : path))).toEqual([
        'id',
        'labels[]',
        'labels.key',
        'labels.values[]',
        'project',
        'project.owner',
        'project.owner.name',
        '_run_id',
        '_pipeline',
        '_loaded_at',
        '_credential',
      ]);
    });

    it('names a table as queries have to, so that one can be read by it', async () => {
      await bench.run(bench.newLoad(), aCost('2026-11-01', '1'));
      const { sqlName } = (await describeTable(bench.dataset, 'costs'))!;
      const load = bench.newLoad({ target: { table: 'copy' } });

      await bench.harness.warehouse.stageQuery(load, {
        sql: `SELECT day, item, cost, currency FROM ${sqlName}`,
        parameters: {},
      });

      expect(await bench.harness.warehouse.check(load)).toMatchObject({ rows: 1 });
      await bench.harness.warehouse.discard(load);
    });

    it('hands over a long answer in batches, one after the other', async () => {
      await bench.run(bench.newLoad(), aCost('2026-11-01', '1'));
      const { engine } = bench.harness.warehouse;
      const [parameter, text, rows] =
        engine === 'bigquery'
          ? ['@unit', 'STRING', 'UNNEST(GENERATE_ARRAY(1, 25000)) AS n']
          : ['$unit', 'VARCHAR', 'range(1, 25001) AS numbers(n)'];
      const batches: TextRow[][] = [];
      let busy = false;

      await bench.harness.warehouse.readInBatches(
        bench.newLoad(),
        {
          sql: `SELECT CAST(n AS ${text}) || ${parameter} AS length, CAST(NULL AS ${text}) AS nothing FROM ${rows}`,
          parameters: { unit: ' m' },
        },
        async (batch) => {
          expect(busy).toBe(false);
          busy = true;
          await setImmediate();
          busy = false;
          batches.push([...batch]);
        },
      );

      const answer = batches.flat().sort((a, b) => parseInt(a.length!) - parseInt(b.length!));
      expect(answer).toEqual(
        Array.from({ length: 25_000 }, (_, index) => ({ length: `${index + 1} m`, nothing: null })),
      );
      for (const { length } of batches) expect(length).toBeLessThanOrEqual(10_000);
    });

    it('tells an error at the end of a long answer instead of ending it there', async () => {
      await bench.run(bench.newLoad(), aCost('2026-11-01', '1'));
      const { engine } = bench.harness.warehouse;
      const [text, integer, rows] =
        engine === 'bigquery'
          ? ['STRING', 'INT64', 'UNNEST(GENERATE_ARRAY(1, 900000)) AS n']
          : ['VARCHAR', 'BIGINT', 'range(1, 900001) AS numbers(n)'];
      const sql = `SELECT CAST(CAST(CASE WHEN n = 900000 THEN 'none' ELSE '1' END AS ${integer}) AS ${text}) AS one FROM ${rows}`;

      await expect(
        bench.harness.warehouse.readInBatches(bench.newLoad(), { sql, parameters: {} }, async () => {}),
      ).rejects.toMatchObject({ code: 'warehouse_rejected' });
    });

    it('stops where its rows are not taken, or the signal is given', async () => {
      const { engine } = bench.harness.warehouse;
      await bench.run(bench.newLoad(), aCost('2026-11-01', '1'));
      const [text, rows] =
        engine === 'bigquery'
          ? ['STRING', 'UNNEST(GENERATE_ARRAY(1, 25000)) AS n']
          : ['VARCHAR', 'range(1, 25001) AS numbers(n)'];
      const query = { sql: `SELECT CAST(n AS ${text}) AS n FROM ${rows}`, parameters: {} };
      const { warehouse } = bench.harness;
      const stopped = new AbortController();
      let taken = 0;

      await expect(
        warehouse.readInBatches(bench.newLoad(), query, () => Promise.reject(new Error('The disk is full.'))),
      ).rejects.toThrow('The disk is full.');
      await expect(
        warehouse.readInBatches(bench.newLoad({ signal: stopped.signal }), query, async (batch) => {
          taken += batch.length;
          stopped.abort(new Error('Stopped.'));
        }),
      ).rejects.toThrow('Stopped.');

      expect(taken).toBeLessThan(25_000);
    });

    it('answers a question of text, with its parameters', async () => {
      await bench.run(bench.newLoad(), aCost('2026-11-01', '1'), aCost('2026-11-01', '1', null));
      const { sqlName } = (await describeTable(bench.dataset, 'costs'))!;
      const { engine } = bench.harness.warehouse;
      const [parameter, text] = engine === 'bigquery' ? ['@day', 'STRING'] : ['$day', 'VARCHAR'];

      const answer = await bench.harness.warehouse.read(bench.newLoad(), {
        sql: `SELECT CAST(day AS ${text}) AS day, item FROM ${sqlName} WHERE CAST(day AS ${text}) = ${parameter} ORDER BY item DESC`,
        parameters: { day: '2026-11-01' },
      });

      expect(answer).toEqual([
        { day: '2026-11-01', item: 'tokens' },
        { day: '2026-11-01', item: null },
      ]);
    });

    it('finds no table that does not exist, in a dataset that does or does not', async () => {
      await bench.run(bench.newLoad(), aCost('2026-11-01', '1'));

      expect(await describeTable(bench.dataset, 'elsewhere')).toBeUndefined();
      expect(await describeTable(`${bench.dataset}_b`, 'costs')).toBeUndefined();
    });
  });
}
