import { describe, expect, it } from '@jest/globals';
import { RowFitter } from './row-fitter.ts';
import type { Column, ColumnType, Value } from './table-schema.ts';

const SIZES = { NUMERIC: { precision: 38, scale: 9 }, BIGNUMERIC: { precision: 38, scale: 18 } };

function column(type: ColumnType, mode?: Column['mode']): Column {
  return { name: 'x', type, mode, description: 'x' };
}

function fit(type: ColumnType, value: Value) {
  return new RowFitter('costs', [column(type)], SIZES).fit({ x: value })[0];
}

describe('RowFitter', () => {
  it.each<[ColumnType, Value, unknown]>([
    ['STRING', '', ''],
    ['STRING', 'Žluťoučký 🐴', 'Žluťoučký 🐴'],
    ['STRING', null, null],
    ['INT64', 7, 7n],
    ['INT64', -(2n ** 63n), -9223372036854775808n],
    ['BOOL', false, false],
    ['NUMERIC', '-1.5e-3', '-0.0015'],
    ['NUMERIC', '0.0000000005', '0'],
    ['NUMERIC', '0.0000000015', '0.000000002'],
    ['BIGNUMERIC', '0.1234567890123456785', '0.123456789012345678'],
    ['BIGNUMERIC', '12345678901234567890.5', '12345678901234567890.5'],
    ['BIGNUMERIC', '1E+2', '100'],
    ['BIGNUMERIC', '+1', '1'],
    ['BIGNUMERIC', '.5', '0.5'],
    ['BIGNUMERIC', '1.', '1'],
    ['BIGNUMERIC', '-0', '0'],
    ['BIGNUMERIC', '-0.0', '0'],
    ['BIGNUMERIC', '0e99999', '0'],
    ['BIGNUMERIC', '1e-0003', '0.001'],
    ['BIGNUMERIC', '1e-400', '0'],
    ['BIGNUMERIC', '-1e-999999999', '0'],
    ['BIGNUMERIC', `${'0'.repeat(400)}7`, '7'],
    ['BIGNUMERIC', `0.${'0'.repeat(400)}1e401`, '1'],
    [
      'BIGNUMERIC',
      `99999999999999999999.${'9'.repeat(18)}4${'9'.repeat(400)}`,
      `99999999999999999999.${'9'.repeat(18)}`,
    ],
    ['DATE', '2024-02-29', '2024-02-29'],
    ['TIMESTAMP', '2026-11-20T23:59:59Z', '2026-11-20T23:59:59.000000Z'],
    ['TIMESTAMP', '2026-11-20T00:00:00.12345Z', '2026-11-20T00:00:00.123450Z'],
    ['JSON', '{"a":[1.50]}', '{"a":[1.50]}'],
  ])('fits %s %p', (type, value, fitted) => {
    expect(fit(type, value)).toBe(fitted);
  });

  it.each<[ColumnType, Value]>([
    ['STRING', 5],
    ['STRING', 'lone \ud800'],
    ['INT64', '5'],
    ['INT64', 1.5],
    ['INT64', 2 ** 53],
    ['INT64', 2n ** 63n],
    ['BOOL', 'true'],
    ['NUMERIC', 1.5],
    ['NUMERIC', '1,5'],
    ['NUMERIC', '100000000000000000000000000000'],
    ['BIGNUMERIC', '99999999999999999999.9999999999999999999'],
    ['BIGNUMERIC', 'NaN'],
    ['DATE', '2026-02-29'],
    ['DATE', '0000-01-01'],
    ['DATE', '2026-1-1'],
    ['TIMESTAMP', '2026-11-20'],
    ['TIMESTAMP', '2026-11-20T24:00:00Z'],
    ['TIMESTAMP', '2026-02-30T00:00:00Z'],
    ['TIMESTAMP', '2026-11-20T00:00:00+01:00'],
    ['TIMESTAMP', '2026-11-20T00:00:00.1234567Z'],
    ['JSON', '{"a":'],
  ])('refuses %s %p', (type, value) => {
    expect(() => fit(type, value)).toThrow(expect.objectContaining({ code: 'schema_mismatch' }));
  });

  it('returns values in column order, with absent keys as null', () => {
    const fitter = new RowFitter(
      'costs',
      [column('DATE'), { ...column('INT64'), name: 'y' }, { ...column('STRING'), name: 'z' }],
      SIZES,
    );

    expect(fitter.fit({ z: 'a', x: '2026-11-01' })).toEqual(['2026-11-01', null, 'a']);
  });

  it('names row and column, and shows no more than 40 characters of a value', () => {
    const fitter = new RowFitter('costs', [column('NUMERIC')], SIZES);
    fitter.fit({ x: '1' });

    expect(() => fitter.fit({ x: 'x'.repeat(1000) })).toThrow(
      expect.objectContaining({
        message: `Row 2 for costs: column "x" is NUMERIC but the value is the text "${'x'.repeat(39)}…".`,
        facts: { table: 'costs', column: 'x', row: 2 },
      }),
    );
  });

  it.each<[ColumnType, Value, string]>([
    ['NUMERIC', '1e29', 'is NUMERIC, with 29 digits before the point here, but the value is the text "1e29"'],
    [
      'BIGNUMERIC',
      '1e400',
      'is BIGNUMERIC, with 20 digits before the point here, but the value is the text "1e400"',
    ],
    [
      'BIGNUMERIC',
      '-1e999999999',
      'is BIGNUMERIC, with 20 digits before the point here, but the value is the text "-1e999999999"',
    ],
    [
      'BIGNUMERIC',
      '9'.repeat(400),
      `is BIGNUMERIC, with 20 digits before the point here, but the value is the text "${'9'.repeat(39)}…"`,
    ],
    ['INT64', 2n ** 63n, 'is INT64 but the value is the bigint 9223372036854775808'],
  ])(
    'names the %s column, the row and the value of a number that it cannot hold: %s',
    (type, value, problem) => {
      expect(() => fit(type, value)).toThrow(
        expect.objectContaining({
          code: 'schema_mismatch',
          message: `Row 1 for costs: column "x" ${problem}.`,
          facts: { table: 'costs', column: 'x', row: 1 },
        }),
      );
    },
  );

  describe('of arrays and structs', () => {
    const LABELS: Column = {
      name: 'labels',
      type: 'STRUCT',
      mode: 'REPEATED',
      fields: [
        { name: 'key', type: 'STRING', mode: 'REQUIRED', description: 'Key' },
        { name: 'counts', type: 'INT64', mode: 'REPEATED', description: 'Counts' },
        {
          name: 'at',
          type: 'STRUCT',
          fields: [{ ...column('TIMESTAMP'), name: 'time' }],
          description: 'When',
        },
      ],
      description: 'Labels',
    };
    const fitLabels = (labels: Value) => new RowFitter('costs', [LABELS], SIZES).fit({ labels })[0];

    it('fits values in field order, at any depth', () => {
      expect(
        fitLabels([
          { at: { time: '2026-11-20T00:00:00Z' }, counts: [1, 2n ** 63n - 1n], key: '🐴' },
          { key: '', at: {} },
        ]),
      ).toEqual([
        ['🐴', [1n, 9223372036854775807n], ['2026-11-20T00:00:00.000000Z']],
        ['', [], [null]],
      ]);
    });

    it.each([null, []])('takes %p for an empty array', (labels) => {
      expect(fitLabels(labels)).toEqual([]);
    });

    it('keeps a struct that is null apart from one of nulls', () => {
      expect(fitLabels([{ key: 'a', at: null }])).toEqual([['a', [], null]]);
    });

    it.each<[string, Value, string]>([
      ['labels', { key: 'a' }, 'is REPEATED but the value is an object'],
      ['labels[1]', [{ key: 'a' }, null], 'is null, which no array may hold'],
      ['labels[0]', ['a'], 'is STRUCT but the value is the text "a"'],
      ['labels[0]', [[]], 'is STRUCT but the value is an array'],
      ['labels[2].key', [{ key: 'a' }, { key: 'b' }, { key: 1 }], 'is STRING but the value is the number 1'],
      ['labels[0].key', [{}], 'is REQUIRED but the value is null'],
      ['labels[0].color', [{ key: 'a', color: 'red' }], 'is not a column of the declared schema'],
      ['labels[0].counts[1]', [{ key: 'a', counts: [1, 1.5] }], 'is INT64 but the value is the number 1.5'],
      [
        'labels[0].at.time',
        [{ key: 'a', at: { time: 'now' } }],
        'is TIMESTAMP but the value is the text "now"',
      ],
    ])('refuses with the path %s', (path, labels, problem) => {
      expect(() => fitLabels(labels)).toThrow(
        expect.objectContaining({
          code: 'schema_mismatch',
          message: `Row 1 for costs: column "${path}" ${problem}.`,
          facts: { table: 'costs', column: path, row: 1 },
        }),
      );
    });
  });

  it('refuses a null in a REQUIRED column and a key that is no column', () => {
    const fitter = new RowFitter('costs', [column('STRING', 'REQUIRED')], SIZES);

    expect(() => fitter.fit({})).toThrow('Row 1 for costs: column "x" is REQUIRED but the value is null.');
    expect(() => fitter.fit({ x: 'a', extra: null })).toThrow(
      'Row 2 for costs: column "extra" is not a column of the declared schema.',
    );
  });
});
