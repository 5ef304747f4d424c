import { describe, expect } from '@jest/globals';
import type { Column, TableSchema } from '../lib/warehouse/table-schema.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost, COSTS } from './warehouse-load.ts';

/** Targets are made when missing and grow by nullable columns alone. Part of the warehouse contract. */
export function describeEvolutionContract(it: ContractCase, bench: WarehouseBench): void {
  const { newLoad, loadAs, run, costs } = bench;

  describe('of evolution', () => {
    it('creates dataset and table, and writes the lineage of each row', async () => {
      const load = newLoad({ sourceCredential: 'eu' });

      const receipt = await run(load, aCost('2026-11-01', '1.5'));

      expect(receipt).toMatchObject({ committed: { rows: 1 }, rowsReplaced: 0, alreadyCommitted: false });
      expect(await bench.harness.read(bench.dataset, 'costs')).toEqual([
        {
          day: '2026-11-01',
          item: 'tokens',
          cost: '1.5',
          currency: 'USD',
          _run_id: load.runId,
          _pipeline: 'sample/cost/daily',
          _loaded_at: '2026-11-02T03:04:05.678000Z',
          _credential: 'eu',
        },
      ]);
    });

    it('names no credential of rows that were read without one', async () => {
      await run(newLoad(), aCost('2026-11-01', '1.5'));

      expect(await bench.harness.read(bench.dataset, 'costs')).toMatchObject([{ _credential: null }]);
    });

    it('adds a new nullable column, and goes on loading the older schema', async () => {
      const region = { name: 'region', type: 'STRING', description: 'Where' } as const;
      const wider = { ...COSTS, columns: [...COSTS.columns, region] };
      await run(loadAs('append'), aCost('2026-11-01', '1'));

      await run(loadAs('append', { schema: wider }), { ...aCost('2026-11-01', '2'), region: 'eu' });
      await run(loadAs('append'), aCost('2026-11-01', '3'));

      const rows = await bench.harness.read(bench.dataset, 'costs');
      expect(rows.map(({ cost, region }) => [cost, region]).sort()).toEqual([
        ['1', null],
        ['2', 'eu'],
        ['3', null],
      ]);
    });

    it('adds an array, which is empty in the older rows', async () => {
      const labels: Column = {
        name: 'labels',
        type: 'STRUCT',
        mode: 'REPEATED',
        fields: [{ name: 'key', type: 'STRING', description: 'Key' }],
        description: 'Labels',
      };
      const wider = { ...COSTS, columns: [...COSTS.columns, labels] };
      await run(loadAs('append'), aCost('2026-11-01', '1'));

      await run(loadAs('append', { schema: wider }), { ...aCost('2026-11-01', '2'), labels: [{ key: 'a' }] });
      await run(loadAs('append', { schema: wider }), { ...aCost('2026-11-01', '3'), labels: [{ key: 'b' }] });

      const rows = await bench.harness.read(bench.dataset, 'costs');
      expect(rows.map((row) => [row.cost, row.labels]).sort()).toEqual([
        ['1', '[]'],
        ['2', '[{"key":"a"}]'],
        ['3', '[{"key":"b"}]'],
      ]);
    });

    it.each([
      ['replace_partitions', {}],
      ['merge', { mergeKey: ['day', 'item'] }],
    ] as const)(
      'replaces rows of %s that differ in a column that was given up',
      async (disposition, target) => {
        const region = { name: 'region', type: 'STRING', description: 'Where' } as const;
        const wider = { ...COSTS, columns: [...COSTS.columns, region] };
        await run(
          loadAs('replace_partitions', { schema: wider }),
          { ...aCost('2026-11-01', '1'), region: 'eu' },
          { ...aCost('2026-11-01', '2'), region: 'us' },
        );

        await run(loadAs(disposition, { target }), aCost('2026-11-01', '3'));

        const rows = await bench.harness.read(bench.dataset, 'costs');
        expect(rows.map(({ cost, region }) => [cost, region])).toEqual([['3', null]]);
      },
    );

    it('shows the columns of a view, and others once it is declared otherwise', async () => {
      const view = (...columns: string[]): TableSchema => ({
        ...COSTS,
        views: [{ name: 'items', description: 'Items', columns }],
      });
      const shown = async (): Promise<string[]> =>
        (await bench.harness.read(bench.dataset, 'items')).map((row) => JSON.stringify(row)).sort();
      await run(loadAs('append', { schema: view('item', 'cost') }), aCost('2026-11-01', '1'));
      expect(await shown()).toEqual(['{"item":"tokens","cost":"1"}']);

      await run(loadAs('append', { schema: view('item', 'cost') }), aCost('2026-11-01', '2'));
      expect(await shown()).toEqual(['{"item":"tokens","cost":"1"}', '{"item":"tokens","cost":"2"}']);
      const region = { name: 'region', type: 'STRING', description: 'Where' } as const;
      const wider = { ...view('region', 'item'), columns: [...COSTS.columns, region] };
      await run(loadAs('append', { schema: wider }), { ...aCost('2026-11-01', '3'), region: 'eu' });

      expect(await shown()).toEqual([
        '{"region":"eu","item":"tokens"}',
        '{"region":null,"item":"tokens"}',
        '{"region":null,"item":"tokens"}',
      ]);
    });

    it('refuses a struct whose fields differ', async () => {
      const wide = (type: 'STRING' | 'INT64'): TableSchema => {
        const fields: Column[] = [{ name: 'key', type, description: 'Key' }];
        return {
          ...COSTS,
          columns: [...COSTS.columns, { name: 'label', type: 'STRUCT', fields, description: 'Label' }],
        };
      };
      await run(newLoad({ schema: wide('STRING') }), { ...aCost('2026-11-01', '1'), label: { key: 'a' } });

      const refused = run(newLoad({ schema: wide('INT64') }), {
        ...aCost('2026-11-01', '2'),
        label: { key: 1 },
      });

      await expect(refused).rejects.toMatchObject({
        code: 'schema_mismatch',
        facts: {
          column: 'label',
          want: expect.stringContaining('key'),
          have: expect.stringContaining('key'),
        },
      });
      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
    });

    it('refuses a column whose type differs, naming table, column, want and have', async () => {
      await run(newLoad(), aCost('2026-11-01', '1'));
      const columns = COSTS.columns.map((column) =>
        column.name === 'item' ? { ...column, type: 'INT64' as const } : column,
      );

      const refused = run(newLoad({ schema: { ...COSTS, columns } }), {
        ...aCost('2026-11-01', '2'),
        item: 7,
      });

      await expect(refused).rejects.toMatchObject({
        code: 'schema_mismatch',
        facts: { table: `${bench.dataset}.costs`, column: 'item' },
      });
      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
    });
  });
}
