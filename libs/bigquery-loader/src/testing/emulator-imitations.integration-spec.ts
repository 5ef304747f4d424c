import { setTimeout as delay } from 'node:timers/promises';
import type { BigQuery, TableMetadata } from '@google-cloud/bigquery';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createBigQueryClient } from '../lib/bigquery-client.factory.ts';
import { describeWithBigQueryEmulator } from './describe-with-emulator.ts';
import { startBigQueryEmulator, type BigQueryEmulator } from './start-emulator.ts';

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const FIELDS = [
  { name: 'day', type: 'DATE' },
  { name: 'cost', type: 'INTEGER' },
];
const dayBefore = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

// What BigQuery refuses, imitated so that the specs of the loader can fail.
describeWithBigQueryEmulator('the emulator imitates what BigQuery refuses', () => {
  let emulator: BigQueryEmulator;
  let client: BigQuery;
  let datasets = 0;
  let dataset: string;

  beforeAll(async () => {
    emulator = await startBigQueryEmulator({ transactionMs: 300 });
    client = await createBigQueryClient({
      projectId: 'test-project',
      location: 'US',
      apiEndpoint: emulator.url,
    });
  });
  beforeEach(() => {
    dataset = `imitated_${++datasets}`;
  });
  afterAll(() => emulator.stop());

  const query = async (sql: string): Promise<unknown[]> => (await client.query(sql))[0];
  async function givenTable(metadata: TableMetadata = {}, defaults: object = {}): Promise<void> {
    await client.createDataset(dataset, { location: 'US', ...defaults });
    await client.dataset(dataset).createTable('costs', { schema: { fields: FIELDS }, ...metadata });
  }
  const metadataOf = async (): Promise<TableMetadata> =>
    (await client.dataset(dataset).table('costs').getMetadata())[0] as TableMetadata;

  describe('of statements that are in each other’s way', () => {
    const replacing = (day: string) =>
      `BEGIN TRANSACTION; DELETE FROM ${dataset}.costs WHERE day = DATE '${day}'; INSERT INTO ${dataset}.costs VALUES (DATE '${day}', 1); COMMIT TRANSACTION;`;
    const appending = () =>
      `BEGIN TRANSACTION; INSERT INTO ${dataset}.costs VALUES (DATE '2026-11-03', 1); COMMIT TRANSACTION;`;
    const outcomes = async (statements: readonly string[]) =>
      (await Promise.allSettled(statements.map(query))).map((outcome) =>
        outcome.status === 'fulfilled' ? 'done' : String(outcome.reason),
      );

    it('aborts the later of two transactions that change one table, whatever days they change', async () => {
      await givenTable();

      const [first, second] = await outcomes([replacing('2026-11-01'), replacing('2026-11-02')]);

      expect([first, second].filter((outcome) => outcome === 'done')).toHaveLength(1);
      expect([first, second].join()).toContain(
        'Transaction is aborted due to concurrent update against table',
      );
      expect(await query(`SELECT cost FROM ${dataset}.costs`)).toHaveLength(1);
    });

    it('lets transactions that only append pass, and those that follow one another', async () => {
      await givenTable();

      expect(await outcomes([replacing('2026-11-01'), appending(), appending()])).toEqual(
        Array(3).fill('done'),
      );
      expect(await outcomes([replacing('2026-11-02')])).toEqual(['done']);
      expect(await query(`SELECT cost FROM ${dataset}.costs`)).toHaveLength(4);
    });

    it('refuses the 21st statement that changes a table', async () => {
      await givenTable();
      const statements = Array.from({ length: 24 }, () => replacing('2026-11-01'));

      const refused = (await outcomes(statements)).filter((outcome) => outcome.includes('outstanding'));

      expect(refused.length).toBeGreaterThan(0);
      expect(refused[0]).toContain('Too many DML statements outstanding against table');
    });
  });

  describe('of a table that requires a partition filter', () => {
    const REFUSAL = 'without a filter over column(s)';

    beforeEach(async () => {
      await givenTable({ timePartitioning: { type: 'DAY', field: 'day' }, requirePartitionFilter: true });
      await query(`INSERT INTO ${dataset}.costs VALUES (DATE '2026-11-01', 1)`);
    });

    it.each([
      'TRUE',
      'cost > 0',
      '(day IS NULL OR day IS NOT NULL)',
      `day >= DATE '2026-11-01' OR cost = 1`,
      `CAST(day AS STRING) = '2026-11-01'`,
      'day = (SELECT MAX(day) FROM UNNEST([DATE "2026-11-01"]) AS day)',
    ])('refuses WHERE %s', async (condition) => {
      await expect(query(`SELECT cost FROM ${dataset}.costs WHERE ${condition}`)).rejects.toThrow(REFUSAL);
      await expect(query(`DELETE FROM ${dataset}.costs WHERE ${condition}`)).rejects.toThrow(REFUSAL);
    });

    it.each([
      'day IS NOT NULL',
      `day >= DATE '2026-11-01' AND cost > 0`,
      `(day = DATE '2026-11-01' OR day = DATE '2026-11-02')`,
      `day BETWEEN DATE '2026-11-01' AND DATE '2026-11-02'`,
      `DATE '2026-11-01' <= day`,
    ])('answers WHERE %s', async (condition) => {
      expect(await query(`SELECT cost FROM ${dataset}.costs WHERE ${condition}`)).toHaveLength(1);
    });

    it('refuses a MERGE without, and takes one with it', async () => {
      const merge = (condition: string) =>
        `MERGE ${dataset}.costs AS target USING (SELECT DATE '2026-11-01' AS day) AS staged ON ${condition} WHEN MATCHED THEN DELETE`;

      await expect(query(merge('target.day = staged.day'))).rejects.toThrow(REFUSAL);
      await query(merge(`target.day >= DATE '2026-11-01' AND target.day = staged.day`));
      expect(await query(`SELECT cost FROM ${dataset}.costs WHERE day IS NOT NULL`)).toEqual([]);
    });

    it('tells that it does, and no longer once that is taken back', async () => {
      expect(await metadataOf()).toMatchObject({ requirePartitionFilter: true });

      await client.dataset(dataset).table('costs').setMetadata({ requirePartitionFilter: false });

      expect(await query(`SELECT cost FROM ${dataset}.costs`)).toHaveLength(1);
    });
  });

  it('requires a filter of a table that is partitioned by ingestion', async () => {
    await givenTable({ timePartitioning: { type: 'DAY' }, requirePartitionFilter: true });

    await expect(query(`SELECT cost FROM ${dataset}.costs WHERE day IS NOT NULL`)).rejects.toThrow(
      '_PARTITIONTIME',
    );
    expect(
      await query(`SELECT cost FROM ${dataset}.costs WHERE _PARTITIONTIME >= TIMESTAMP '1970-01-01'`),
    ).toEqual([]);
  });

  describe('of a dataset with default expirations', () => {
    const PARTITIONED = { timePartitioning: { type: 'DAY', field: 'day' } };

    it('gives them to partitioned tables, whose old rows are gone at once', async () => {
      await givenTable(PARTITIONED, { defaultPartitionExpirationMs: String(60 * DAY_MS) });

      await query(
        `INSERT INTO ${dataset}.costs VALUES (DATE '${dayBefore(61)}', 1), (DATE '${dayBefore(59)}', 2)`,
      );

      expect(await metadataOf()).toMatchObject({ timePartitioning: { expirationMs: String(60 * DAY_MS) } });
      expect(await query(`SELECT cost FROM ${dataset}.costs`)).toEqual([{ cost: 2 }]);
    });

    it('takes null for nothing said when a table is made, and for none when it is changed', async () => {
      const expirationMs = null as unknown as string;
      await givenTable(
        { timePartitioning: { ...PARTITIONED.timePartitioning, expirationMs } },
        { defaultPartitionExpirationMs: String(60 * DAY_MS) },
      );
      expect(await metadataOf()).toMatchObject({ timePartitioning: { expirationMs: String(60 * DAY_MS) } });

      await client
        .dataset(dataset)
        .table('costs')
        .setMetadata({ timePartitioning: { ...PARTITIONED.timePartitioning, expirationMs } });

      expect((await metadataOf()).timePartitioning).toEqual(PARTITIONED.timePartitioning);
    });

    it('gives others the default of tables, with which they are gone', async () => {
      await givenTable({}, { defaultTableExpirationMs: '300' });
      expect(Number((await metadataOf()).expirationTime)).toBeGreaterThan(Date.now() - 300);

      await delay(400);

      await expect(query(`SELECT cost FROM ${dataset}.costs`)).rejects.toThrow('costs');
      await expect(metadataOf()).rejects.toMatchObject({ code: 404 });
    });
  });
});
