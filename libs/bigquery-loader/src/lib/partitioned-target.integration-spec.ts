import { randomUUID } from 'node:crypto';
import type { BigQuery, JobMetadata } from '@google-cloud/bigquery';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WRITE_DISPOSITIONS, type Load } from '@pipelines/pipeline';
import { aCost, aLoad, COSTS, inBatches, prove } from '@pipelines/pipeline/testing';
import { describeWithBigQueryEmulator } from '../testing/describe-with-emulator.ts';
import { readTable } from '../testing/read-table.ts';
import { startBigQueryEmulator, type BigQueryEmulator } from '../testing/start-emulator.ts';
import { createBigQueryClient } from './bigquery-client.factory.ts';
import { BigQueryWarehouse } from './bigquery.warehouse.ts';

// The emulator translates every statement of a commit; on a busy machine that takes its time.
jest.setTimeout(120_000);

const DAY_MS = 86_400_000;

describeWithBigQueryEmulator('a partitioned target in BigQuery', () => {
  let emulator: BigQueryEmulator;
  let client: BigQuery;
  let warehouse: BigQueryWarehouse;
  let dataset: string;

  beforeAll(async () => {
    emulator = await startBigQueryEmulator({ transactionMs: 300 });
    const options = {
      projectId: 'test-project',
      location: 'US',
      apiEndpoint: emulator.url,
      pollIntervalMs: 2,
    };
    client = await createBigQueryClient(options);
    warehouse = new BigQueryWarehouse(options);
  });
  beforeEach(() => {
    dataset = `acme_${randomUUID().replaceAll('-', '')}`;
  });
  afterAll(() => emulator.stop());

  const loadInto = (change: Partial<Load['target']> = {}, rest: Partial<Omit<Load, 'target'>> = {}): Load =>
    aLoad({
      runId: randomUUID(),
      schema: { ...COSTS, views: [{ name: 'costs_seen', description: 'Costs', columns: ['day', 'cost'] }] },
      ...rest,
      target: { dataset, ...change },
    });
  async function run(load: Load, ...rows: ReturnType<typeof aCost>[]): Promise<void> {
    const stage = await warehouse.stageRows(load, inBatches(rows));
    await warehouse.commit(load, await prove(warehouse, load, stage));
    await warehouse.discard(load);
  }
  const requireFilter = (requirePartitionFilter: boolean) =>
    client.dataset(dataset).table('costs').setMetadata({ requirePartitionFilter });
  const costs = async () =>
    (await readTable(client, dataset, 'costs')).map(({ day, item, cost }) => `${day} ${item} ${cost}`).sort();

  it.each(WRITE_DISPOSITIONS)('takes loads as %s once it requires a filter', async (writeDisposition) => {
    await run(loadInto(), aCost('2026-11-01', '1'));
    await requireFilter(true);

    await run(loadInto({ writeDisposition, mergeKey: ['item'] }), aCost('2026-11-01', '2'));
    const described = await warehouse.describeTable(loadInto(), { dataset, table: 'costs' });
    const seen = await warehouse.describeTable(loadInto(), { dataset, table: 'costs_seen' });
    const count = (sqlName: string) =>
      warehouse.read(loadInto(), {
        sql: `SELECT CAST(COUNT(*) AS STRING) AS n FROM ${sqlName}`,
        parameters: {},
      });

    const expected = writeDisposition === 'append' ? 2 : 1;
    expect(await count(described!.sqlName)).toEqual([{ n: String(expected) }]);
    expect(await count(seen!.sqlName)).toEqual([{ n: String(expected) }]);
    await requireFilter(false);
    expect(await costs()).toEqual(['2026-11-01 tokens 1', '2026-11-01 tokens 2'].slice(-expected));
  });

  it('takes commits out of turn: BigQuery aborts all but one, and they are submitted again', async () => {
    await run(loadInto(), aCost('2026-11-01', '1'));
    const days = ['2026-11-02', '2026-11-03', '2026-11-04'];

    const staged = [];
    for (const [index, start] of days.entries()) {
      const load = loadInto({}, { window: { start, end: `2026-11-0${index + 3}` } });
      const stage = await warehouse.stageRows(load, inBatches([aCost(start, String(index + 2))]));
      staged.push({ load, proof: await prove(warehouse, load, stage) });
    }

    await Promise.all(staged.map(({ load, proof }) => warehouse.commit(load, proof)));

    expect(await costs()).toEqual([
      '2026-11-01 tokens 1',
      '2026-11-02 tokens 2',
      '2026-11-03 tokens 3',
      '2026-11-04 tokens 4',
    ]);
    const [jobs] = await client.getJobs();
    const refusals: string[] = [];
    for (const { id } of jobs.filter((job) => job.id!.includes('_commit_'))) {
      const [{ status }] = (await client.job(id!, { location: 'US' }).getMetadata()) as [
        JobMetadata,
        unknown,
      ];
      if (status?.errorResult) refusals.push(status.errorResult.message!);
    }
    expect(refusals.length).toBeGreaterThan(0);
    for (const refusal of refusals) {
      expect(refusal).toContain('Transaction is aborted due to concurrent update');
    }
  });

  describe('in a dataset with default expirations', () => {
    it('keeps days that are older, and the ledger', async () => {
      await client.createDataset(dataset, {
        location: 'US',
        defaultTableExpirationMs: String(DAY_MS),
        defaultPartitionExpirationMs: String(60 * DAY_MS),
      } as object);
      const load = loadInto({}, { window: { start: '2026-01-01', end: '2026-01-02' } });

      await run(load, aCost('2026-01-01', '1'));

      expect(await costs()).toEqual(['2026-01-01 tokens 1']);
      for (const table of ['costs', '_pipelines_commits', 'costs_seen']) {
        const [metadata] = (await client.dataset(dataset).table(table).getMetadata()) as [object, unknown];
        expect(metadata).not.toHaveProperty('expirationTime');
      }
      expect(await warehouse.findCommit({ ...load, attempt: 2 })).toMatchObject({ alreadyCommitted: true });
    });

    it('is refused before it is staged where it was made with them', async () => {
      await client.createDataset(dataset, {
        location: 'US',
        defaultPartitionExpirationMs: String(60 * DAY_MS),
      } as object);
      await client.dataset(dataset).createTable('costs', {
        schema: { fields: [{ name: 'day', type: 'DATE', mode: 'REQUIRED' }] },
        timePartitioning: { type: 'DAY', field: 'day' },
      });
      const load = loadInto({}, { window: { start: '2026-01-01', end: '2026-01-02' } });

      await expect(run(load, aCost('2026-01-01', '1'))).rejects.toMatchObject({
        code: 'configuration_invalid',
        message: expect.stringContaining(`Partitions of table ${dataset}.costs expire after 60 days`),
      });
    });
  });
});
