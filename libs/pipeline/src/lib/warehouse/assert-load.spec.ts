import { describe, expect, it } from '@jest/globals';
import { assertLoad } from './assert-load.ts';
import type { TableSchema } from './table-schema.ts';
import type { Load, LoadTarget } from './warehouse.ts';

const SCHEMA: TableSchema = {
  description: 'Costs',
  columns: [
    { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'UTC day' },
    { name: 'cost', type: 'BIGNUMERIC', description: 'Cost' },
    { name: 'currency', type: 'STRING', mode: 'REQUIRED', description: 'ISO 4217' },
    { name: 'region', type: 'STRING', description: 'Region' },
  ],
  windowColumn: 'day',
  money: [{ amount: 'cost', currency: 'currency' }],
};

function load(change: { target?: Partial<LoadTarget>; schema?: Partial<TableSchema>; runId?: string }): Load {
  return {
    runId: change.runId ?? '0199c0de-0000-7000-8000-000000000001',
    attempt: 1,
    org: 'acme',
    pipeline: 'sample/cost/daily',
    loadedAt: '2026-11-02T00:00:00.000Z',
    window: { start: '2026-11-01', end: '2026-11-02' },
    schema: { ...SCHEMA, ...change.schema },
    target: { dataset: 'acme_dev', table: 'costs', writeDisposition: 'replace_partitions', ...change.target },
    signal: new AbortController().signal,
  };
}

describe('assertLoad', () => {
  it.each([
    { target: {} },
    { target: { writeDisposition: 'merge', mergeKey: ['day', 'region'], clusterBy: ['region'] } },
    { target: { writeDisposition: 'append' }, schema: { windowColumn: undefined } },
    { schema: { columns: [...SCHEMA.columns, { name: 'BilledCost', type: 'NUMERIC', description: '' }] } },
    { schema: { naturalKey: ['day', 'region', 'currency'] } },
    { schema: { views: [{ name: 'regions', columns: ['region'], description: '' }] } },
  ] as const)('accepts %j', (change) => {
    expect(() => assertLoad(load(change))).not.toThrow();
  });

  it.each([
    [{ runId: '../evil' }, 'the run id is not a legal name'],
    [{ target: { dataset: '_pipelines' } }, '"_pipelines" must start with a letter'],
    [{ target: { table: 'a"b' } }, '"a"b" must start with a letter'],
    [{ target: { writeDisposition: 'merge' } }, 'write_disposition merge needs a merge_key'],
    [{ target: { mergeKey: ['nope'] } }, 'names "nope", which is no column of the table with single values'],
    [{ target: { clusterBy: ['nope'] } }, 'names "nope", which is no column of the table with single values'],
    [{ target: { partitionBy: 'region' } }, '"region" must be a DATE column'],
    [{ schema: { windowColumn: undefined } }, 'replace_partitions needs a table with a window column'],
    [
      { schema: { naturalKey: ['day', 'nope'] } },
      'the natural key names "nope", which is no column of the table with single values',
    ],
    [{ schema: { naturalKey: [] } }, 'the natural key names no column'],
    [
      {
        schema: {
          columns: [...SCHEMA.columns, { name: 'labels', type: 'JSON', description: '' }],
          naturalKey: ['labels'],
        },
      },
      'the natural key names "labels", whose values cannot be compared',
    ],
    [{ schema: { watermarkColumn: 'day' } }, '"day" must be a TIMESTAMP column'],
    [{ schema: { watermarkBy: 'day' } }, '"day" must be a STRING column'],
    [
      { schema: { money: [{ amount: 'region', currency: 'currency' }] } },
      '"region" must be an exact decimal',
    ],
    [{ schema: { money: [{ amount: 'cost', currency: 'region' }] } }, '"region" must be a REQUIRED STRING'],
    [
      { schema: { columns: [{ name: '_run_id', type: 'STRING', description: '' }] } },
      '"_run_id" is declared twice, or is a lineage column',
    ],
    [
      { schema: { columns: [...SCHEMA.columns, { name: 'labels', type: 'STRUCT', description: '' }] } },
      'column "labels" must be a STRUCT with fields, or neither',
    ],
    [
      {
        schema: {
          columns: [
            {
              name: 'labels',
              type: 'STRUCT',
              fields: [{ name: 'a b', type: 'STRING', description: '' }],
              description: '',
            },
          ],
        },
      },
      'column "a b" must hold letters, digits and "_" only, inside of "labels"',
    ],
    [
      {
        schema: { columns: [{ name: 'day', type: 'DATE', mode: 'REPEATED', description: '' }] },
      },
      '"day" must be a DATE column',
    ],
    [
      { schema: { columns: [...SCHEMA.columns, { name: 'Region', type: 'STRING', description: '' }] } },
      '"Region" is declared twice',
    ],
    [
      { schema: { views: [{ name: 'costs', columns: ['region'], description: '' }] } },
      'the view "costs" has the name of the table',
    ],
    [
      { schema: { views: [{ name: 'regions', columns: ['zone'], description: '' }] } },
      'the view "regions" shows "zone", which is no column of the table',
    ],
    [
      { schema: { views: [{ name: 'a"b', columns: ['region'], description: '' }] } },
      '"a"b" must start with a letter',
    ],
    [{ schema: { columns: [{ name: 'a-b', type: 'STRING', description: '' }] } }, 'column "a-b" must hold'],
  ] as const)('refuses %j', (change, message) => {
    expect(() => assertLoad(load(change as Parameters<typeof load>[0]))).toThrow(
      expect.objectContaining({ code: 'configuration_invalid', message: expect.stringContaining(message) }),
    );
  });
});
