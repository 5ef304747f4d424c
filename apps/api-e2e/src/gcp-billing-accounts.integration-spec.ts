import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { describeWithBigQueryEmulator, startBigQueryHarness } from '@pipelines/bigquery-loader/testing';
import { startDuckdbHarness } from '@pipelines/duckdb-loader/testing';
import {
  LeftOut,
  proveIncrement,
  Secret,
  stageControlled,
  type Load,
  type LoadProof,
  type Watermarks,
} from '@pipelines/pipeline';
import { aLoad, type QueryHarness } from '@pipelines/pipeline/testing';
import { GcpBillingExportProcessor } from '@pipelines/processors-gcp';
import { BILLING_EXPORT_FIELDS } from './testing/gcp-billing-export.golden.ts';

// The emulator translates every statement; on a busy machine that takes its time.
jest.setTimeout(120_000);

const A = '01AB23-CD45EF-678901';
const B = '09ZZ99-CD45EF-678901';
const PIPELINE = 'gcp/cost/billing_export';
const WINDOW = { start: '2026-11-19', end: '2026-11-20' };

type Change = Readonly<Record<string, unknown>>;

const charge = (
  account: string | null,
  usage: string,
  exported: string,
  cost: number,
  change: Change = {},
) => ({
  billing_account_id: account,
  usage_start_time: usage,
  export_time: exported,
  cost,
  currency: 'USD',
  credits: [],
  ...change,
});

const OF_A = charge(A, '2026-11-19T10:00:00Z', '2026-11-20T05:00:00Z', 5);

/** Runs that follow one another over an export that gets rows meanwhile, as the service would do them. */
function describeAccounts(name: string, start: () => Promise<QueryHarness>): void {
  describe(`${name} loads the exports of several billing accounts`, () => {
    const processor = new GcpBillingExportProcessor();
    const schema = processor.schemaFor({});
    let harness: QueryHarness;
    let dataset: string;
    let states: number;
    let watermarks: Watermarks | undefined;

    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.close());
    beforeEach(() => {
      dataset = `org_${randomUUID().replaceAll('-', '')}`;
      states = 0;
      watermarks = undefined;
    });

    /** A run over the export as it stands with these rows. */
    const run = async (...rows: Change[]): Promise<LoadProof> => {
      const { warehouse } = harness;
      const table = `export_${++states}`;
      await harness.createSource(dataset, { table, fields: BILLING_EXPORT_FIELDS, rows });
      const load: Load = aLoad({
        runId: randomUUID(),
        pipeline: PIPELINE,
        schema,
        window: WINDOW,
        target: { dataset, table: 'costs', writeDisposition: 'replace_partitions' },
      });
      const source = (await warehouse.describeTable(load, { dataset, table }))!;
      const loaded = watermarks && (await warehouse.describeTable(load, { dataset, table: 'costs' }));
      const query = await processor.queryFor(
        {
          runId: load.runId,
          org: 'org',
          window: WINDOW,
          options: { export_lookback_days: 7, incomplete_rows: 'refuse' },
          credentialName: 'default',
          writers: [],
          secret: new Secret({
            type: 'service_account' as const,
            project_id: 'test-project',
            private_key_id: '0',
            private_key: '',
            client_email: 'reader@test-project.iam.gserviceaccount.com',
            billing_export_table: `${dataset}.${table}`,
          }),
          target: load.target,
          leftOut: new LeftOut('run'),
          signal: load.signal,
          watermarks,
          loaded,
        },
        warehouse.engine,
        [source],
        (question) => warehouse.read(load, question),
      );
      const { stage, staged, extracted } = await stageControlled(warehouse, load, query);
      const proof: LoadProof = {
        rows: { extracted: extracted.rows, staged: staged.rows },
        money: { extracted: extracted.money, staged: staged.money },
        stage,
        passedOver: query.passedOver,
        ...proveIncrement(load, staged, watermarks),
      };
      await warehouse.commit(load, proof);
      await warehouse.discard(load);
      watermarks = proof.watermarks;
      return proof;
    };
    const costs = async (): Promise<string[]> => {
      const rows = await harness.read(dataset, 'costs');
      return rows.map((row) => `${row.billing_account_id} ${row.usage_date} ${row.net_cost}`).sort();
    };

    it('also of one whose clock lags behind', async () => {
      await run(OF_A);
      const ofB = charge(B, '2026-10-02T10:00:00Z', '2026-11-15T05:00:00Z', 99);

      await run(OF_A, ofB);

      expect(await costs()).toEqual([`${A} 2026-11-19 5`, `${B} 2026-10-02 99`]);
      expect(watermarks).toEqual({ [A]: '2026-11-20T05:00:00.000000Z', [B]: '2026-11-15T05:00:00.000000Z' });

      await run(OF_A, ofB, charge(B, '2026-10-03T10:00:00Z', '2026-11-15T05:00:00.000001Z', 1));

      expect(await costs()).toEqual([`${A} 2026-11-19 5`, `${B} 2026-10-02 99`, `${B} 2026-10-03 1`]);
    });

    it('also a row that arrives with an export time before the watermark, and writes nothing else again', async () => {
      const early = charge(A, '2026-10-02T10:00:00Z', '2026-11-18T05:00:00Z', 1);
      const late = charge(A, '2026-10-02T10:00:00Z', '2026-11-17T05:00:00Z', 7);
      await run(OF_A, early);

      const found = await run(OF_A, early, late);
      const again = await run(OF_A, early, late);

      expect(await costs()).toEqual([`${A} 2026-10-02 1`, `${A} 2026-10-02 7`, `${A} 2026-11-19 5`]);
      expect(found.spans).toEqual([{ start: '2026-10-02', end: '2026-10-03' }, WINDOW]);
      expect(again.spans).toEqual([WINDOW]);
    });

    it('and counts the rows that lack what a cost needs, in a first run and in a later one', async () => {
      const odd = [
        charge(A, '2026-10-02T10:00:00Z', '2026-11-18T05:00:00Z', 0, { usage_start_time: null }),
        charge(A, '2026-10-02T10:00:00Z', '2026-11-18T05:00:00Z', 0, { currency: null, cost: null }),
        charge(null, '2026-10-02T10:00:00Z', '2026-11-18T05:00:00Z', 0, { export_time: null }),
      ];
      const passedOver = ['currency', 'export_time', 'usage_start_time'].map((lacking) => ({
        reason: `no ${lacking}`,
        rows: 1,
        rows_with_money: 0,
      }));

      const first = await run(OF_A, ...odd);
      const later = await run(OF_A, ...odd);

      expect([first.passedOver, later.passedOver]).toEqual([passedOver, passedOver]);
      await expect(
        run(OF_A, charge(A, '2026-10-02T10:00:00Z', '2026-11-18T05:00:00Z', 3, { currency: null })),
      ).rejects.toMatchObject({ code: 'incomplete_rows' });
      expect(await costs()).toEqual([`${A} 2026-11-19 5`]);
    });
  });
}

describeAccounts('DuckDB', startDuckdbHarness);

describeWithBigQueryEmulator('BigQuery loads the exports of several billing accounts', () => {
  describeAccounts('BigQuery', startBigQueryHarness);
});
