import { describe, expect, it } from '@jest/globals';
import type { ColumnType, TableSchema, Value } from '../lib/warehouse/table-schema.ts';
import type { Load } from '../lib/warehouse/warehouse.ts';
import type { WarehouseHarness } from './warehouse-contract.ts';
import { inBatches, type LoadChange } from './warehouse-load.ts';

interface Access {
  readonly harness: WarehouseHarness;
  newLoad(change: LoadChange): Load;
}

const STORED: readonly (readonly [ColumnType, Value, string | null])[] = [
  ['STRING', '', ''],
  ['STRING', null, null],
  ['STRING', `'; DROP TABLE "x"; -- \\ \n\t`, `'; DROP TABLE "x"; -- \\ \n\t`],
  ['STRING', 'Příliš žluťoučký 日本語 🐴 \u0301', 'Příliš žluťoučký 日本語 🐴 \u0301'],
  ['STRING', 'a\0b\0', 'a\0b\0'],
  ['INT64', 2n ** 63n - 1n, '9223372036854775807'],
  ['INT64', -(2n ** 63n), '-9223372036854775808'],
  ['INT64', 0, '0'],
  ['NUMERIC', '-12345678901234567890123456789.123456789', '-12345678901234567890123456789.123456789'],
  ['NUMERIC', '0.0000000005', '0'],
  ['NUMERIC', '0.0000000015', '0.000000002'],
  ['NUMERIC', '-0.0000000025', '-0.000000002'],
  ['BIGNUMERIC', '1234567.123456789012345678', '1234567.123456789012345678'],
  ['BIGNUMERIC', '-0.000000000000000001', '-0.000000000000000001'],
  ['BIGNUMERIC', '99999999999999999999.999999999999999999', '99999999999999999999.999999999999999999'],
  ['BIGNUMERIC', '1.5e-7', '0.00000015'],
  ['BOOL', true, 'true'],
  ['BOOL', false, 'false'],
  ['DATE', '0001-01-01', '0001-01-01'],
  ['DATE', '9999-12-31', '9999-12-31'],
  ['TIMESTAMP', '2026-11-01T23:59:59.999999Z', '2026-11-01T23:59:59.999999Z'],
  ['TIMESTAMP', '1969-12-31T23:59:59.000001Z', '1969-12-31T23:59:59.000001Z'],
  ['TIMESTAMP', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00.000000Z'],
  ['JSON', '{"a":[1,"b",null,true]}', '{"a":[1,"b",null,true]}'],
  ['JSON', '"text"', '"text"'],
  ['JSON', null, null],
];

const REFUSED: readonly (readonly [ColumnType, Value])[] = [
  ['STRING', 1],
  ['INT64', 2n ** 63n],
  ['INT64', '1'],
  ['NUMERIC', 0.1],
  ['NUMERIC', '100000000000000000000000000000'],
  ['BIGNUMERIC', 'one'],
  ['DATE', '2026-02-29'],
  ['TIMESTAMP', '2026-11-01'],
  ['JSON', '{'],
];

function schemaOf(type: ColumnType): TableSchema {
  return { description: 'One value', columns: [{ name: 'value', type, description: 'The value' }] };
}

/** What each column type keeps, digit for digit, and what it refuses. Part of the warehouse contract. */
export function describeValueContract(access: () => Access): void {
  describe('of values', () => {
    const stage = async (type: ColumnType, value: Value): Promise<Load> => {
      const load = access().newLoad({
        schema: schemaOf(type),
        target: { table: 'kept', writeDisposition: 'replace' },
      });
      await access().harness.warehouse.stageRows(load, inBatches([{ value }]));
      return load;
    };

    it.each(STORED)('stores %s %p as %p', async (type, value, stored) => {
      const { harness } = access();
      const load = await stage(type, value);

      await harness.warehouse.commit(load);

      const rows = await harness.read(load.target.dataset, load.target.table);
      expect(rows.map((row) => row.value)).toEqual([stored]);
    });

    it.each(REFUSED)('refuses %s %p', async (type, value) => {
      await expect(stage(type, value)).rejects.toMatchObject({
        code: 'schema_mismatch',
        facts: { table: 'kept', column: 'value', row: 1 },
      });
    });

    it('keeps 25 significant digits and rounds half to even past the scale of the warehouse', async () => {
      const { harness } = access();
      const { decimalScale } = harness.warehouse;
      const half = `1234567.${'1'.repeat(decimalScale)}5`;
      const load = await stage('BIGNUMERIC', half);

      await harness.warehouse.commit(load);

      const [row] = await harness.read(load.target.dataset, load.target.table);
      expect(row!.value).toBe(`1234567.${'1'.repeat(decimalScale - 1)}2`);
    });

    it('keeps a staged decimal sum exact', async () => {
      const { harness, newLoad } = access();
      const schema: TableSchema = {
        description: 'Amounts',
        columns: [
          { name: 'amount', type: 'BIGNUMERIC', description: 'Amount' },
          { name: 'currency', type: 'STRING', mode: 'REQUIRED', description: 'Currency' },
        ],
        money: [{ amount: 'amount', currency: 'currency' }],
      };
      const load = newLoad({ schema, target: { table: 'sums', writeDisposition: 'append' } });
      const rows = ['0.1', '0.2', '9007199254740993.000000000000000001', null].map((amount) => ({
        amount,
        currency: 'USD',
      }));

      await harness.warehouse.stageRows(load, inBatches(rows));

      expect(await harness.warehouse.check(load)).toEqual({
        rows: 4,
        money: [{ column: 'amount', currency: 'USD', sum: '9007199254740993.300000000000000001' }],
        rowsOutsideWindow: 0,
      });
    });
  });
}
