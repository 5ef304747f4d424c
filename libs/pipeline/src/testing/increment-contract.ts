import { describe, expect } from '@jest/globals';
import type { Row, TableSchema } from '../lib/warehouse/table-schema.ts';
import type { Load } from '../lib/warehouse/warehouse.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost, COSTS } from './warehouse-load.ts';

const SCHEMA: TableSchema = {
  ...COSTS,
  columns: [
    ...COSTS.columns,
    { name: 'exported_at', type: 'TIMESTAMP', description: 'When the source got the row' },
  ],
  watermarkColumn: 'exported_at',
};

/** Incremental loads: rows of any day, and a watermark. Part of the warehouse contract. */
export function describeIncrementContract(it: ContractCase, bench: WarehouseBench): void {
  const { stage, commit, findCommit, run, costs } = bench;
  const newLoad = (change: Partial<Load> = {}): Load =>
    bench.newLoad({ schema: SCHEMA, ...change, target: { table: 'costs' } });
  const exported = (exported_at: string | null, cost: Row): Row => ({ ...cost, exported_at });

  describe('of incremental loads', () => {
    it('tells the days that are staged and the latest of the watermark column, to the microsecond', async () => {
      const load = newLoad();

      const proof = await stage(
        load,
        exported('2026-11-02T00:00:00.123456Z', aCost('2026-11-01', '1')),
        exported('2026-11-02T00:00:00.123457Z', aCost('2026-03-31', '2')),
        exported(null, aCost('2026-11-03', '3')),
        exported('2026-11-02T00:00:00Z', aCost('2026-03-31', '4')),
      );

      expect(await bench.harness.warehouse.check(load)).toMatchObject({
        rows: 4,
        rowsOutsideWindow: 0,
        days: ['2026-03-31', '2026-11-01', '2026-11-03'],
        watermark: '2026-11-02T00:00:00.123457Z',
      });
      expect(proof).toMatchObject({
        spans: [
          { start: '2026-03-31', end: '2026-04-01' },
          { start: '2026-11-01', end: '2026-11-02' },
          { start: '2026-11-03', end: '2026-11-04' },
        ],
        watermark: '2026-11-02T00:00:00.123457Z',
      });
      await bench.harness.warehouse.discard(load);
    });

    it('tells the latest of each clock, where the table names the column of its clocks', async () => {
      const load = newLoad({ schema: { ...SCHEMA, watermarkBy: 'item' } });

      const proof = await stage(
        load,
        exported('2026-11-02T00:00:00.000002Z', aCost('2026-11-01', '1', 'a')),
        exported('2026-11-02T00:00:00.000003Z', aCost('2026-11-01', '2', 'a')),
        exported('2026-10-02T00:00:00Z', aCost('2026-11-01', '3', "it's b")),
        exported('2026-11-01T00:00:00Z', aCost('2026-11-01', '4', null)),
        exported(null, aCost('2026-11-01', '5', 'c')),
      );

      expect(proof).toMatchObject({
        watermark: '2026-11-02T00:00:00.000003Z',
        watermarks: {
          a: '2026-11-02T00:00:00.000003Z',
          "it's b": '2026-10-02T00:00:00.000000Z',
          '': '2026-11-01T00:00:00.000000Z',
        },
      });
      expect(proof.watermarks).not.toHaveProperty('c');
      await bench.harness.warehouse.discard(load);
    });

    it('has no watermark of any clock when nothing was staged', async () => {
      const receipt = await run(newLoad({ schema: { ...SCHEMA, watermarkBy: 'item' } }));

      expect(receipt.proof.watermark).toBeUndefined();
      expect(receipt.proof.watermarks).toEqual({});
    });

    it('writes whole seconds with six digits of their fraction', async () => {
      const load = newLoad();

      const proof = await stage(load, exported('2026-11-02T00:00:01Z', aCost('2026-11-01', '1')));

      expect(proof.watermark).toBe('2026-11-02T00:00:01.000000Z');
      await bench.harness.warehouse.discard(load);
    });

    it('replaces the days of the window and those staged, and no other', async () => {
      const half = { start: '2026-05-01', end: '2026-11-05' };
      const days = ['2026-05-01', '2026-05-02', '2026-11-01', '2026-11-02', '2026-11-04'];
      await run(bench.newLoad({ window: half }), ...days.map((day) => aCost(day, '1')));

      const window = { start: '2026-11-01', end: '2026-11-03' };
      const receipt = await run(
        newLoad({ window }),
        exported('2026-11-05T00:00:00Z', aCost('2026-05-02', '2')),
        exported('2026-11-05T00:00:00Z', aCost('2026-11-02', '3')),
        exported('2026-11-05T00:00:00Z', aCost('2026-11-03', '4')),
      );

      expect(receipt).toMatchObject({
        committed: { rows: 3, money: [{ column: 'cost', currency: 'USD', sum: '9' }] },
        rowsReplaced: 3,
        daysReplaced: ['2026-05-02', '2026-11-01', '2026-11-02'],
        restatement: {
          figures: 3,
          entries: [
            { day: '2026-11-02', before: '1', after: '3', difference: '2' },
            { day: '2026-11-01', before: '1', after: '0', difference: '-1' },
            { day: '2026-05-02', before: '1', after: '2', difference: '1' },
          ],
        },
      });
      expect(await costs()).toEqual([
        '2026-05-01 tokens 1',
        '2026-05-02 tokens 2',
        '2026-11-02 tokens 3',
        '2026-11-03 tokens 4',
        '2026-11-04 tokens 1',
      ]);
    });

    it('leaves what lies before the first day of the table as it is, also in the window', async () => {
      const window = { start: '2026-10-30', end: '2026-11-03' };
      const days = ['2026-10-30', '2026-10-31', '2026-11-01', '2026-11-02'];
      await run(bench.newLoad({ window }), ...days.map((day) => aCost(day, '1')));

      const receipt = await run(
        newLoad({ window, schema: { ...SCHEMA, firstDay: '2026-11-01' } }),
        exported('2026-11-03T00:00:00Z', aCost('2026-11-02', '2')),
      );

      expect(receipt.daysReplaced).toEqual(['2026-11-01', '2026-11-02']);
      expect(await costs()).toEqual(['2026-10-30 tokens 1', '2026-10-31 tokens 1', '2026-11-02 tokens 2']);
    });

    it('empties the window when nothing was staged, and has no watermark then', async () => {
      await run(newLoad(), exported('2026-11-02T00:00:00Z', aCost('2026-11-01', '1')));

      const receipt = await run(newLoad());

      expect(receipt).toMatchObject({ committed: { rows: 0 }, rowsReplaced: 1 });
      expect(receipt.proof.watermark).toBeUndefined();
      expect(await costs()).toEqual([]);
    });

    it('tells a later attempt the watermark of the commit that it finds', async () => {
      const load = newLoad();
      const receipt = await run(load, exported('2026-11-02T00:00:00Z', aCost('2026-11-01', '1')));

      const found = await findCommit({ ...load, attempt: 2 });

      expect(found).toEqual({ ...receipt, alreadyCommitted: true });
      expect(found!.proof.watermark).toBe('2026-11-02T00:00:00.000000Z');
    });

    it('undoes a commit with rows of a day that was not proven', async () => {
      const load = newLoad();
      const proof = await stage(load, exported('2026-11-02T00:00:00Z', aCost('2026-12-24', '1')));

      await expect(commit(load, { ...proof, spans: [load.window] })).rejects.toMatchObject({
        code: 'receipt_mismatch',
      });
      expect(await costs()).toEqual([]);
    });

    it('counts a row without a day as outside of any window', async () => {
      const [day, ...others] = SCHEMA.columns;
      const columns = [{ ...day!, mode: 'NULLABLE' as const }, ...others];
      const load = newLoad({ schema: { ...SCHEMA, columns } });
      await stage(load, { item: 'tokens', cost: '1', currency: 'USD' });

      expect(await bench.harness.warehouse.check(load)).toMatchObject({ rows: 1, rowsOutsideWindow: 1 });
      await bench.harness.warehouse.discard(load);
    });
  });
}
