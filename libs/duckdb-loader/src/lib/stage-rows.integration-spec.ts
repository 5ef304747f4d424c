import { describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Column, Load, Row } from '@pipelines/pipeline';
import { STAGED_ROWS, stageRows } from './stage-rows.ts';

const column = (name: string, type: Column['type'], mode?: Column['mode']): Column => ({
  name,
  type,
  mode,
  description: name,
});
const COLUMNS: readonly Column[] = [
  column('number', 'INT64'),
  column('day', 'DATE'),
  column('instant', 'TIMESTAMP'),
  column('amount', 'BIGNUMERIC'),
  column('flag', 'BOOL'),
  column('few', 'STRING'),
  column('many', 'STRING'),
  column('rare', 'STRING'),
  column('tags', 'STRING', 'REPEATED'),
];
/** Two chunks and a part of a third. */
const ROWS = 5_000;
/** DuckDB keeps up to twelve bytes in the row itself, and longer texts elsewhere. */
const TEXTS = [
  '',
  'short',
  'exactly twelv',
  'exactly 12 b',
  'a text of more than twelve bytes',
  'dvanáct 日本 🐴',
];

const rowOf = (index: number): Row => ({
  number: index,
  day: `2026-11-${String(1 + (index % 30)).padStart(2, '0')}`,
  instant: `2026-11-01T00:00:00.${String(index).padStart(6, '0')}Z`,
  amount: `${index % 2 === 0 ? '-' : ''}${index + 1}00000000000000.000000000000000001`,
  flag: index % 3 === 0 ? null : index % 3 === 1,
  few: index % 7 === 0 ? null : TEXTS[index % TEXTS.length]!,
  many: `a text that is different in each row: ${index}`,
  rare: index % 1_000 === 999 ? `once in a thousand rows ${index}` : null,
  tags: Array.from({ length: index % 3 }, (_, tag) => `tag ${tag} of ${index}`),
});

async function* batchesOf(rows: readonly Row[]) {
  for (let at = 0; at < rows.length; at += 300) {
    yield rows.slice(at, at + 300);
    await Promise.resolve();
  }
}

async function staged(batches: AsyncIterable<readonly Row[]>): Promise<readonly Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const load = {
      schema: { description: 'rows', columns: COLUMNS },
      target: { table: 'rows' },
      signal: new AbortController().signal,
    } as unknown as Load;
    await stageRows(connection, load, batches);
    const read = await connection.runAndReadAll(
      `SELECT CAST(number AS INTEGER) AS number, CAST(day AS VARCHAR) AS day, CAST(amount AS VARCHAR) AS amount,
         strftime(instant, '%Y-%m-%dT%H:%M:%S.%fZ') AS instant, flag, few, many, rare, tags
       FROM ${STAGED_ROWS} ORDER BY number`,
    );
    return read.getRowObjectsJS() as unknown as Row[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe('stageRows', () => {
  it('stages every value of every chunk, whether it comes again or not', async () => {
    const rows = Array.from({ length: ROWS }, (_, index) => rowOf(index));

    expect(await staged(batchesOf(rows))).toEqual(rows);
  });

  it('stages a full chunk and nothing more', async () => {
    const rows = Array.from({ length: 2_048 }, (_, index) => rowOf(index));

    expect(await staged(batchesOf(rows))).toEqual(rows);
  });

  it('stages nothing of no rows', async () => {
    expect(await staged(batchesOf([]))).toEqual([]);
  });
});
