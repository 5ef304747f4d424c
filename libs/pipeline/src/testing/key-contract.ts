import { describe, expect } from '@jest/globals';
import type { Row, TableSchema } from '../lib/warehouse/table-schema.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost, COSTS } from './warehouse-load.ts';

const KEYED: TableSchema = { ...COSTS, naturalKey: ['day', 'item', 'currency'] };

/** A key column of each type that can be one. */
const EVERY_TYPE: TableSchema = {
  description: 'Keys of every type',
  columns: [
    { name: 'text', type: 'STRING', description: 'A text' },
    { name: 'whole', type: 'INT64', description: 'A number' },
    { name: 'start', type: 'NUMERIC', description: 'A decimal' },
    { name: 'price', type: 'BIGNUMERIC', description: 'A longer one' },
    { name: 'flag', type: 'BOOL', description: 'Yes or no' },
    { name: 'day', type: 'DATE', description: 'A day' },
    { name: 'instant', type: 'TIMESTAMP', description: 'An instant' },
    { name: 'amount', type: 'INT64', description: 'What the row tells' },
  ],
  naturalKey: ['text', 'whole', 'start', 'price', 'flag', 'day', 'instant'],
};

const A_KEY: Row = {
  text: "it's",
  whole: 7,
  start: '1.5',
  price: '0.25',
  flag: true,
  day: '2026-11-01',
  instant: '2026-11-01T00:00:00Z',
};

/** Rows that share the key of their table are found before they are counted twice. Part of the warehouse contract. */
export function describeKeyContract(it: ContractCase, bench: WarehouseBench): void {
  const { newLoad, loadAs, stage, run, costs } = bench;

  describe('of natural keys', () => {
    it('refuses a row that was staged twice, says which, and leaves the target as it was', async () => {
      await run(newLoad({ schema: KEYED }), aCost('2026-11-01', '7'));
      const load = newLoad({ schema: KEYED });
      const rows = [
        aCost('2026-11-01', '1', 'seats'),
        aCost('2026-11-01', '1'),
        aCost('2026-11-01', '1', 'seats'),
      ];

      await expect(stage(load, ...rows)).rejects.toMatchObject({
        code: 'duplicate_rows',
        transient: false,
        message: expect.stringContaining(
          `${bench.dataset}.costs share one natural key: day 2026-11-01, item seats, currency USD.`,
        ),
        facts: { table: `${bench.dataset}.costs`, natural_key: ['day', 'item', 'currency'] },
      });

      await bench.harness.warehouse.discard(load);
      expect(await costs()).toEqual(['2026-11-01 tokens 7']);
    });

    it('refuses rows of one key also when they tell different amounts', async () => {
      const load = newLoad({ schema: KEYED });

      await expect(stage(load, aCost('2026-11-01', '1'), aCost('2026-11-01', '2'))).rejects.toMatchObject({
        code: 'duplicate_rows',
      });
      await bench.harness.warehouse.discard(load);
    });

    it('takes a null in a key for equal to another', async () => {
      const load = newLoad({ schema: KEYED });

      await expect(
        stage(load, aCost('2026-11-01', '1', null), aCost('2026-11-01', '1', null)),
      ).rejects.toMatchObject({
        code: 'duplicate_rows',
        message: expect.stringContaining('day 2026-11-01, item null, currency USD'),
      });
      await bench.harness.warehouse.discard(load);
    });

    it('tells rows apart that differ in any column of the key, and null from texts', async () => {
      const window = { start: '2026-11-01', end: '2026-11-03' };
      const rows = [
        aCost('2026-11-01', '1'),
        aCost('2026-11-02', '1'),
        aCost('2026-11-01', '1', 'tokens', 'EUR'),
        aCost('2026-11-01', '1', 'Tokens'),
        aCost('2026-11-01', '1', null),
        aCost('2026-11-01', '1', ''),
        aCost('2026-11-01', '1', 'null'),
      ];

      const receipt = await run(newLoad({ schema: KEYED, window }), ...rows);

      expect(receipt.committed.rows).toBe(rows.length);
    });

    it('compares values of every type, however they were written', async () => {
      const load = loadAs('append', { schema: EVERY_TYPE });
      const again = { ...A_KEY, start: '1.50', price: '2.5e-1', instant: '2026-11-01T00:00:00.000000Z' };

      await expect(stage(load, { ...A_KEY, amount: 1 }, { ...again, amount: 2 })).rejects.toMatchObject({
        code: 'duplicate_rows',
        message: expect.stringContaining(`text it's, whole 7, `),
      });
      await bench.harness.warehouse.discard(load);

      const other = await run(
        loadAs('append', { schema: EVERY_TYPE }),
        A_KEY,
        { ...A_KEY, price: '0.250000000000000001' },
        { ...A_KEY, flag: false },
        { ...A_KEY, instant: '2026-11-01T00:00:00.000001Z' },
        { ...A_KEY, whole: null },
      );
      expect(other.committed.rows).toBe(5);
    });

    it('shows no text of a key that looks like a credential, and none at length', async () => {
      const load = newLoad({ schema: KEYED });
      const item = `sk-admin-0123456789abcdef ${'x'.repeat(200)}`;

      const error = await stage(load, aCost('2026-11-01', '1', item), aCost('2026-11-01', '1', item)).catch(
        (thrown: unknown) => thrown as Error,
      );

      expect(error).toMatchObject({ code: 'duplicate_rows', message: expect.stringContaining('[redacted]') });
      const printed = JSON.stringify(error, Object.getOwnPropertyNames(error));
      expect(printed).not.toContain('0123456789abcdef');
      expect(printed).not.toContain('x'.repeat(60));
      await bench.harness.warehouse.discard(load);
    });

    it('takes the same row twice where the table has no natural key', async () => {
      const receipt = await run(newLoad(), aCost('2026-11-01', '1'), aCost('2026-11-01', '1'));

      expect(receipt.committed.rows).toBe(2);
    });
  });
}
