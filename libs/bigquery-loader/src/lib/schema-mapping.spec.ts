import { describe, expect, it } from '@jest/globals';
import type { Column, ScalarType } from '@pipelines/pipeline';
import { bigQueryType, toExistingColumns, toFields } from './schema-mapping.ts';

describe('schema mapping', () => {
  it.each<[ScalarType, string]>([
    ['STRING', 'STRING'],
    ['INT64', 'INTEGER'],
    ['NUMERIC', 'NUMERIC'],
    ['BIGNUMERIC', 'BIGNUMERIC'],
    ['BOOL', 'BOOLEAN'],
    ['DATE', 'DATE'],
    ['TIMESTAMP', 'TIMESTAMP'],
    ['JSON', 'JSON'],
  ])('maps %s to %s', (type, name) => {
    expect(bigQueryType({ name: 'a', type, description: '' })).toBe(name);
  });

  it('writes mode and description into the fields', () => {
    expect(
      toFields([
        { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'UTC day' },
        { name: 'n', type: 'INT64', description: 'Count' },
      ]),
    ).toEqual([
      { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'UTC day' },
      { name: 'n', type: 'INTEGER', mode: 'NULLABLE', description: 'Count' },
    ]);
  });

  it('reads fields under their old and new names', () => {
    expect(
      toExistingColumns([
        { name: 'a', type: 'INT64', mode: 'REQUIRED' },
        { name: 'b', type: 'BOOL' },
        { name: 'c', type: 'STRING', mode: 'REPEATED' },
      ]),
    ).toEqual([
      { name: 'a', type: 'INTEGER', required: true },
      { name: 'b', type: 'BOOLEAN', required: false },
      { name: 'c', type: 'ARRAY<STRING>', required: false },
    ]);
  });

  const LABELS: Column = {
    name: 'labels',
    type: 'STRUCT',
    mode: 'REPEATED',
    fields: [
      { name: 'key', type: 'STRING', mode: 'REQUIRED', description: 'Key' },
      { name: 'count', type: 'INT64', description: 'Count' },
    ],
    description: 'Labels',
  };

  it('writes the fields of a struct', () => {
    expect(toFields([LABELS])).toEqual([
      {
        name: 'labels',
        type: 'RECORD',
        mode: 'REPEATED',
        fields: [
          { name: 'key', type: 'STRING', mode: 'REQUIRED', description: 'Key' },
          { name: 'count', type: 'INTEGER', mode: 'NULLABLE', description: 'Count' },
        ],
        description: 'Labels',
      },
    ]);
  });

  it('compares structs with their fields, under old and new names', () => {
    const fields = [
      { name: 'key', type: 'STRING', mode: 'REQUIRED' },
      { name: 'count', type: 'INT64' },
    ];
    const [existing] = toExistingColumns([{ name: 'labels', type: 'STRUCT', mode: 'REPEATED', fields }]);

    expect(existing!.type).toBe('ARRAY<STRUCT<key STRING NOT NULL, count INTEGER>>');
    expect(bigQueryType(LABELS)).toBe(existing!.type);
  });
});
