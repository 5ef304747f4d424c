import { describe, expect, it } from '@jest/globals';
import type { ColumnType } from '@pipelines/pipeline';
import { bigQueryType, toExistingColumns, toFields } from './schema-mapping.ts';

describe('schema mapping', () => {
  it.each<[ColumnType, string]>([
    ['STRING', 'STRING'],
    ['INT64', 'INTEGER'],
    ['NUMERIC', 'NUMERIC'],
    ['BIGNUMERIC', 'BIGNUMERIC'],
    ['BOOL', 'BOOLEAN'],
    ['DATE', 'DATE'],
    ['TIMESTAMP', 'TIMESTAMP'],
    ['JSON', 'JSON'],
  ])('maps %s to %s', (type, name) => {
    expect(bigQueryType(type)).toBe(name);
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
});
