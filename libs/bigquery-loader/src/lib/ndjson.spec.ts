import { describe, expect, it } from '@jest/globals';
import type { Row, ScalarType } from '@pipelines/pipeline';
import { aLoad, inBatches } from '@pipelines/pipeline/testing';
import { toNdjson } from './ndjson.ts';

const TYPES: readonly ScalarType[] = [
  'STRING',
  'INT64',
  'NUMERIC',
  'BIGNUMERIC',
  'BOOL',
  'DATE',
  'TIMESTAMP',
  'JSON',
];
const LOAD = aLoad({
  schema: {
    description: 'All types',
    columns: TYPES.map((type) => ({ name: type.toLowerCase(), type, description: type })),
  },
});

describe('toNdjson', () => {
  const encode = async (...batches: Row[][]): Promise<string[]> => {
    const texts: string[] = [];
    for await (const text of toNdjson(LOAD, inBatches(...batches))) texts.push(text);
    return texts;
  };

  it('writes each type exactly, decimals and integers as strings', async () => {
    const row = {
      string: 'a "quoted"\nline \u2028 🐴',
      int64: 2n ** 63n - 1n,
      numeric: '-1.0000000005',
      bignumeric: '0.12345678901234567890123456789012345678',
      bool: true,
      date: '2026-11-01',
      timestamp: '2026-11-01T00:00:00.000001Z',
      json: '{\n  "n": 1.50\r\n}',
    };

    expect(await encode([row])).toEqual([
      '{"string":"a \\"quoted\\"\\nline \u2028 🐴","int64":"9223372036854775807","numeric":"-1",' +
        '"bignumeric":"0.12345678901234567890123456789012345678","bool":true,"date":"2026-11-01",' +
        '"timestamp":"2026-11-01T00:00:00.000001Z","json":{   "n": 1.50 }}\n',
    ]);
  });

  it('rounds half to even past the 38th fraction digit, and keeps 38 digits before the point', async () => {
    const ones = '1'.repeat(37);

    expect(await encode([{ bignumeric: `-${ones}1.${ones}15` }, { bignumeric: `0.${ones}25` }])).toEqual([
      `{"bignumeric":"-${ones}1.${ones}2"}\n{"bignumeric":"0.${ones}2"}\n`,
    ]);
  });

  it('writes arrays and structs, whose nulls are left out', async () => {
    const load = aLoad({
      schema: {
        description: 'Nested',
        columns: [
          {
            name: 'labels',
            type: 'STRUCT',
            mode: 'REPEATED',
            fields: [
              { name: 'key', type: 'STRING', description: 'Key' },
              { name: 'counts', type: 'INT64', mode: 'REPEATED', description: 'Counts' },
              { name: 'extra', type: 'JSON', description: 'Extra' },
            ],
            description: 'Labels',
          },
          { name: 'days', type: 'DATE', mode: 'REPEATED', description: 'Days' },
        ],
      },
    });
    const texts: string[] = [];
    for await (const text of toNdjson(
      load,
      inBatches([
        { labels: [{ key: '🐴', counts: [1, 2n ** 63n - 1n], extra: '{\n"n": 1.50}' }, {}] },
        { days: ['2026-11-01'] },
      ]),
    )) {
      texts.push(text);
    }

    expect(texts).toEqual([
      '{"labels":[{"key":"🐴","counts":["1","9223372036854775807"],"extra":{ "n": 1.50}},{"counts":[]}],"days":[]}\n' +
        '{"labels":[],"days":["2026-11-01"]}\n',
    ]);
  });

  it('leaves null out and keeps the empty string', async () => {
    expect(await encode([{ string: '', bool: null }, { bool: false }])).toEqual([
      '{"string":""}\n{"bool":false}\n',
    ]);
  });

  it('writes a batch at a time, and nothing for an empty one', async () => {
    expect(await encode([{ bool: true }], [], [{ bool: false }])).toEqual([
      '{"bool":true}\n',
      '{"bool":false}\n',
    ]);
  });

  it('refuses a decimal that BIGNUMERIC cannot hold', async () => {
    await expect(encode([{ bignumeric: `1${'0'.repeat(38)}` }])).rejects.toMatchObject({
      code: 'schema_mismatch',
    });
  });
});
