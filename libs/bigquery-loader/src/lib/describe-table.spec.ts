import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TableReference } from '@pipelines/pipeline';
import { aLoad } from '@pipelines/pipeline/testing';
import { BigQueryWarehouse } from './bigquery.warehouse.ts';
import { FakeBigQuery } from './testing/fake-bigquery.ts';

const FIELDS = [
  { name: 'cost', type: 'FLOAT', mode: 'NULLABLE' },
  {
    name: 'credits',
    type: 'RECORD',
    mode: 'REPEATED',
    fields: [{ name: 'amount', type: 'FLOAT' }],
  },
];
const REFERENCE = { project: 'acme-project', dataset: 'billing', table: 'gcp_billing_export_v1_01AB23' };

describe('describeTable', () => {
  let bigquery: FakeBigQuery;
  let warehouse: BigQueryWarehouse;

  beforeAll(async () => {
    bigquery = await FakeBigQuery.start();
  });
  beforeEach(() => {
    bigquery.reset();
    warehouse = new BigQueryWarehouse({
      projectId: 'test-project',
      location: 'europe-west1',
      apiEndpoint: bigquery.url,
      pollIntervalMs: 1,
    });
  });
  afterAll(() => bigquery.stop());

  const given = (table: object): void => {
    bigquery.datasets.set('acme-project:billing', {});
    bigquery.tables.set(`acme-project:billing.${REFERENCE.table}`, {
      schema: { fields: FIELDS },
      etag: 'etag-1',
      rows: [],
      ...table,
    } as never);
  };
  const describeTable = (reference: TableReference = REFERENCE) =>
    warehouse.describeTable(aLoad(), reference);

  it('tells columns, fields, name and location', async () => {
    given({ location: 'EUROPE-WEST1', timePartitioning: { type: 'DAY', field: 'day' } });

    expect(await describeTable()).toEqual({
      reference: REFERENCE,
      sqlName: '`acme-project.billing.gcp_billing_export_v1_01AB23`',
      location: 'EUROPE-WEST1',
      columns: [
        { path: 'cost', type: 'FLOAT', repeated: false },
        { path: 'credits', type: 'RECORD', repeated: true },
        { path: 'credits.amount', type: 'FLOAT', repeated: false },
      ],
    });
  });

  it('lists the pseudo-column of a table that is partitioned by ingestion', async () => {
    given({ timePartitioning: { type: 'DAY' } });

    expect((await describeTable())!.columns.at(-1)).toEqual({
      path: '_PARTITIONTIME',
      type: 'TIMESTAMP',
      repeated: false,
    });
  });

  it('asks in the project of the data where the reference names none', async () => {
    expect(await describeTable({ dataset: 'acme_test', table: 'costs' })).toBeUndefined();

    expect(bigquery.requests.map(({ project }) => project)).toEqual(['test-project']);
  });

  it('says what to do about a table in another location', async () => {
    given({ location: 'EU' });

    await expect(describeTable()).rejects.toMatchObject({
      code: 'source_location_mismatch',
      message:
        'Table acme-project.billing.gcp_billing_export_v1_01AB23 lies in EU, but the organization loads into europe-west1, and no query reads from one location into another. Give the organization a warehouse in EU, or copy the dataset to europe-west1 (BigQuery Data Transfer: dataset copy) and name the copy.',
    });
  });

  it('says which role is missing', async () => {
    bigquery.interfere = () => ({ status: 403, reason: 'accessDenied' });

    await expect(describeTable()).rejects.toMatchObject({
      code: 'warehouse_rejected',
      message: expect.stringContaining('Grant the service account roles/bigquery.dataViewer'),
    });
  });

  it.each([
    ['project', { project: 'a`b' }],
    ['dataset', { dataset: 'a-b' }],
    ['table', { table: 'a`; DROP TABLE x' }],
  ])('refuses a %s that cannot be one, before it asks', async (part, change) => {
    await expect(describeTable({ ...REFERENCE, ...change })).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining(`is not the name of a ${part} of BigQuery`),
    });
    expect(bigquery.requests).toEqual([]);
  });
});
