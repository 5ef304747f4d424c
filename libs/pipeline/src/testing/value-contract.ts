import { describe, expect } from '@jest/globals';
import type { Column, ScalarType, TableSchema, Value } from '../lib/warehouse/table-schema.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';

const STORED: readonly (readonly [ScalarType, Value, string | null])[] = [
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
  ['BIGNUMERIC', '1E+2', '100'],
  ['BIGNUMERIC', '+.5', '0.5'],
  ['BIGNUMERIC', '-0.0', '0'],
  ['BIGNUMERIC', '0e99999', '0'],
  ['BIGNUMERIC', '1e-999999999', '0'],
  ['BIGNUMERIC', `${'0'.repeat(400)}7.`, '7'],
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

const REFUSED: readonly (readonly [ScalarType, Value])[] = [
  ['STRING', 1],
  ['INT64', 2n ** 63n],
  ['INT64', '1'],
  ['NUMERIC', 0.1],
  ['NUMERIC', '100000000000000000000000000000'],
  ['BIGNUMERIC', 'one'],
  ['BIGNUMERIC', '1e400'],
  ['BIGNUMERIC', '-1e999999999'],
  ['BIGNUMERIC', '9'.repeat(400)],
  ['DATE', '2026-02-29'],
  ['TIMESTAMP', '2026-11-01'],
  ['JSON', '{'],
];

type Shape = Pick<Column, 'type' | 'mode' | 'fields'>;

const describedAs = (name: string, shape: Shape): Column => ({ name, description: name, ...shape });

const EVERY_SCALAR: Shape = {
  type: 'STRUCT',
  fields: [
    describedAs('string', { type: 'STRING' }),
    describedAs('int64', { type: 'INT64' }),
    describedAs('numeric', { type: 'NUMERIC' }),
    describedAs('bignumeric', { type: 'BIGNUMERIC' }),
    describedAs('bool', { type: 'BOOL' }),
    describedAs('date', { type: 'DATE' }),
    describedAs('timestamp', { type: 'TIMESTAMP' }),
    describedAs('json', { type: 'JSON' }),
  ],
};
const LABELS: Shape = {
  type: 'STRUCT',
  mode: 'REPEATED',
  fields: [
    describedAs('key', { type: 'STRING', mode: 'REQUIRED' }),
    describedAs('value', { type: 'STRING' }),
    describedAs('counts', { type: 'INT64', mode: 'REPEATED' }),
    describedAs('source', { type: 'STRUCT', fields: [describedAs('seen', { type: 'TIMESTAMP' })] }),
  ],
};

/** What is put in, and the texts that come out. */
const NESTED: readonly (readonly [string, Shape, Value, unknown])[] = [
  [
    'an array',
    { type: 'STRING', mode: 'REPEATED' },
    ['', 'Žluťoučký 🐴', `'"\\\n`],
    ['', 'Žluťoučký 🐴', `'"\\\n`],
  ],
  [
    'an array of integers',
    { type: 'INT64', mode: 'REPEATED' },
    [2n ** 63n - 1n, -(2n ** 63n), 0],
    ['9223372036854775807', '-9223372036854775808', '0'],
  ],
  [
    'an array of decimals, in order',
    { type: 'BIGNUMERIC', mode: 'REPEATED' },
    ['2.5', '-0.000000000000000001', '2.50'],
    ['2.5', '-0.000000000000000001', '2.5'],
  ],
  ['an empty array', { type: 'DATE', mode: 'REPEATED' }, [], []],
  ['no array, which is an empty one', { type: 'DATE', mode: 'REPEATED' }, null, []],
  [
    'a struct of all types',
    EVERY_SCALAR,
    {
      string: 'Příliš 日本語 🐴',
      int64: -(2n ** 63n),
      numeric: '-12345678901234567890123456789.123456789',
      bignumeric: '99999999999999999999.999999999999999999',
      bool: false,
      date: '9999-12-31',
      timestamp: '1969-12-31T23:59:59.000001Z',
      json: '{"a":[1,"b",null]}',
    },
    {
      string: 'Příliš 日本語 🐴',
      int64: '-9223372036854775808',
      numeric: '-12345678901234567890123456789.123456789',
      bignumeric: '99999999999999999999.999999999999999999',
      bool: 'false',
      date: '9999-12-31',
      timestamp: '1969-12-31T23:59:59.000001Z',
      json: '{"a":[1,"b",null]}',
    },
  ],
  [
    'a struct of nulls',
    EVERY_SCALAR,
    {},
    Object.fromEntries(EVERY_SCALAR.fields!.map(({ name }) => [name, null])),
  ],
  [
    'structs in an array, with arrays and structs inside',
    LABELS,
    [
      { key: 'a', value: null, counts: [1, 2n ** 62n], source: { seen: '2026-11-01T00:00:00.123456Z' } },
      { key: '', value: '', counts: [], source: { seen: null } },
    ],
    [
      {
        key: 'a',
        value: null,
        counts: ['1', '4611686018427387904'],
        source: { seen: '2026-11-01T00:00:00.123456Z' },
      },
      { key: '', value: '', counts: [], source: { seen: null } },
    ],
  ],
];

function schemaOf(shape: Shape): TableSchema {
  return { description: 'One value', columns: [describedAs('value', shape)] };
}

/** What each column type keeps, digit for digit, and what it refuses. Part of the warehouse contract. */
export function describeValueContract(it: ContractCase, bench: WarehouseBench): void {
  const { newLoad, stage, run } = bench;

  describe('of values', () => {
    const keep = async (shape: Shape, value: Value): Promise<string | null | undefined> => {
      const target = { table: 'kept', writeDisposition: 'replace' } as const;
      await run(newLoad({ schema: schemaOf(shape), target }), { value });
      const rows = await bench.harness.read(bench.dataset, 'kept');
      expect(rows).toHaveLength(1);
      return rows[0]!.value;
    };

    it.each(STORED)('stores %s %p as %p', async (type, value, stored) => {
      expect(await keep({ type }, value)).toBe(stored);
    });

    it.each(REFUSED)('refuses %s %p', async (type, value) => {
      await expect(keep({ type }, value)).rejects.toMatchObject({
        code: 'schema_mismatch',
        facts: { table: 'kept', column: 'value', row: 1 },
      });
    });

    it.each(NESTED)('stores %s', async (_name, shape, value, stored) => {
      expect(JSON.parse((await keep(shape, value))!)).toEqual(stored);
    });

    it('stores a struct that is null as null', async () => {
      expect(await keep(EVERY_SCALAR, null)).toBeNull();
    });

    it('refuses what does not fit inside a struct, naming the path', async () => {
      await expect(keep(LABELS, [{ key: 'a' }, { key: 'b', counts: [1, '2'] }])).rejects.toMatchObject({
        code: 'schema_mismatch',
        facts: { table: 'kept', column: 'value[1].counts[1]', row: 1 },
      });
    });

    it('keeps 25 significant digits and rounds half to even past the scale of the warehouse', async () => {
      const { decimalScale } = bench.harness.warehouse;
      const half = `1234567.${'1'.repeat(decimalScale)}5`;

      expect(await keep({ type: 'BIGNUMERIC' }, half)).toBe(`1234567.${'1'.repeat(decimalScale - 1)}2`);
    });

    it('keeps a staged decimal sum exact', async () => {
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

      await stage(load, ...rows);

      expect(await bench.harness.warehouse.check(load)).toEqual({
        rows: 4,
        money: [{ column: 'amount', currency: 'USD', sum: '9007199254740993.300000000000000001' }],
        rowsOutsideWindow: 0,
      });
    });
  });
}
