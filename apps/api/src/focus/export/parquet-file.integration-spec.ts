import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { focusColumns } from '@pipelines/processors-unified';
import { CsvFile } from './csv-file.ts';
import { csvToParquet } from './parquet-file.ts';

const NAMES = ['BilledCost', 'ChargePeriodStart', 'ConsumedQuantity', 'ServiceName', 'Tags'];
const COLUMNS = focusColumns('1.2').filter(({ name }) => NAMES.includes(name));

describe('csvToParquet', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parquet-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const written = async (...rows: readonly Record<string, string | null>[]) => {
    const [csv, parquet] = [join(directory, "it's.csv"), join(directory, "it's.parquet")];
    const file = await CsvFile.create(csv, NAMES);
    await file.append(rows);
    await file.close();
    const answer = await csvToParquet(csv, parquet, COLUMNS);
    return { answer, rows: await readParquet(parquet) };
  };
  const readParquet = async (path: string) => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      const reader = await connection.runAndReadAll(
        `SELECT COLUMNS(*)::VARCHAR FROM read_parquet('${path.replaceAll("'", "''")}')`,
      );
      return reader.getRowObjectsJson();
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  };

  it('gives every column its type, and keeps every digit of large quantities and small costs', async () => {
    const { rows } = await written(
      {
        BilledCost: '12345678901234567890.000000000000000001',
        ChargePeriodStart: '2026-11-01T00:00:00Z',
        ConsumedQuantity: '12345678901234567890123456789.123456789',
        ServiceName: 'A "b", c',
        Tags: '{"a":"b"}',
      },
      { BilledCost: '-0.5', ChargePeriodStart: '2026-11-01T01:00:00Z', ServiceName: 'null' },
    );

    expect(rows).toEqual([
      {
        BilledCost: '12345678901234567890.000000000000000001',
        ChargePeriodStart: '2026-11-01 00:00:00+00',
        ConsumedQuantity: '12345678901234567890123456789.123456789',
        ServiceName: 'A "b", c',
        Tags: '{"a":"b"}',
      },
      {
        BilledCost: '-0.500000000000000000',
        ChargePeriodStart: '2026-11-01 01:00:00+00',
        ConsumedQuantity: null,
        ServiceName: 'null',
        Tags: null,
      },
    ]);
  });

  it('rounds digits past the eighteenth half away from zero, and counts the values', async () => {
    const start = { ChargePeriodStart: '2026-11-01T00:00:00Z', ServiceName: 'A' };
    const { answer, rows } = await written(
      { ...start, BilledCost: '0.0000000000000000005', ConsumedQuantity: '0.1234567895' },
      { ...start, BilledCost: '-0.0000000000000000005', ConsumedQuantity: '1.0' },
      { ...start, BilledCost: '0.123456789012345678' },
    );

    expect(rows.map(({ BilledCost, ConsumedQuantity }) => [BilledCost, ConsumedQuantity])).toEqual([
      ['0.000000000000000001', '0.123456790'],
      ['-0.000000000000000001', '1.000000000'],
      ['0.123456789012345678', null],
    ]);
    expect(answer).toBe(3);
  });
});
