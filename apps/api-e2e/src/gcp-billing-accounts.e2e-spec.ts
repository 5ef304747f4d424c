import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EXPORT_TABLES, startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';
import { unpadded } from './testing/unpadded.ts';
import { changeWarehouse } from './testing/warehouse.ts';

const A = '01AB23-CD45EF-678901';
const B = '09ZZ99-CD45EF-678901';

/** What a row of an export says; the rest is the same for all. */
interface Charge {
  readonly account?: string | null;
  readonly usage?: string | null;
  readonly exported?: string | null;
  readonly cost?: string | null;
  readonly currency?: string | null;
  readonly credit?: string;
}

describe('the billing exports of an organization', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  let api: ApiClient;
  let organizations = 0;
  let org: string;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      GCP_BILLING_CATALOG_BASE_URL: sandbox.endpoints.gcpBillingCatalog,
      GCP_TOKEN_URL: sandbox.endpoints.gcpToken,
    });
  });

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  beforeEach(() => {
    org = `org${++organizations}`;
  });

  const sql = (statement: string) => changeWarehouse(service.warehousePath, statement);
  const dataset = () => `${org}_billing`;
  /** An organization whose credential names these tables of its dataset. */
  const givenOrganization = async (...tables: string[]): Promise<void> => {
    const billing_export_table = tables.map((table) => `${dataset()}.${table}`);
    api = await service.givenOrganization(org, { gcp: { ...sandbox.credentials.gcp, billing_export_table } });
  };
  const createExport = (table: string, kind: keyof typeof EXPORT_TABLES = 'detailed') => {
    const columns = Object.entries(EXPORT_TABLES[kind].columns).map(([name, type]) => `"${name}" ${type}`);
    return sql(
      `CREATE SCHEMA IF NOT EXISTS ${dataset()}; CREATE TABLE ${dataset()}.${table} (${columns.join(', ')})`,
    );
  };
  const append = (table: string, charges: readonly Charge[]) => {
    const text = (value: string | null) => (value === null ? 'NULL' : `'${value}'`);
    const rows = charges.map(
      ({
        account = A,
        usage = '2026-10-01 10:00:00',
        exported = '2026-10-02 05:00:00',
        cost = '1',
        currency = 'USD',
        credit,
      }) =>
        `(${text(account)}, ${text(usage)}::TIMESTAMP, ${text(exported)}::TIMESTAMP, ${cost ?? 'NULL'}, ${text(currency)}, ${credit === undefined ? '[]' : `[{name: 'c', amount: ${credit}}]`})`,
    );
    return sql(
      `INSERT INTO ${dataset()}.${table} (billing_account_id, usage_start_time, export_time, cost, currency, credits) VALUES ${rows.join(', ')}`,
    );
  };
  const ended = async (window: object = { date: '2026-11-19' }): Promise<RunStatus> =>
    untilEnded(api, org, await startRun(api, org, 'gcp/cost/billing_export', window));
  const run = async (window?: object): Promise<RunStatus> => {
    const status = await ended(window);
    expect(status).toMatchObject({ status: 'completed', error: null });
    return status;
  };
  const costs = async (): Promise<string[]> => {
    const rows = await service.rows(
      `SELECT billing_account_id AS account, usage_date::VARCHAR AS day, sum(net_cost) AS cost
       FROM ${org}_dev.gcp_billing_costs GROUP BY ALL ORDER BY ALL`,
    );
    return rows.map(({ account, day, cost }) => `${account} ${day} ${unpadded(cost!)}`);
  };

  describe('with two accounts behind one view', () => {
    beforeEach(async () => {
      await createExport('a');
      await createExport('b');
      await sql(
        `CREATE VIEW ${dataset()}.all_accounts AS SELECT * FROM ${dataset()}.a UNION ALL BY NAME SELECT * FROM ${dataset()}.b`,
      );
      await givenOrganization('all_accounts');
      await append('a', [{ usage: '2026-11-19 10:00:00', exported: '2026-11-20 05:00:00', cost: '5' }]);
    });

    it('load the rows of the one whose clock lags behind', async () => {
      const first = await run();
      await append('b', [
        { account: B, usage: '2026-10-02 10:00:00', exported: '2026-11-15 05:00:00', cost: '99.0' },
      ]);

      const second = await run();

      expect(await costs()).toEqual([`${A} 2026-11-19 5`, `${B} 2026-10-02 99`]);
      expect(first.receipt).toMatchObject({ watermarks: { [A]: '2026-11-20T05:00:00.000000Z' } });
      expect(second.receipt).toMatchObject({
        watermark: '2026-11-20T05:00:00.000000Z',
        watermarks: { [A]: '2026-11-20T05:00:00.000000Z', [B]: '2026-11-15T05:00:00.000000Z' },
      });
    });

    it('go on from the watermark of each, and load what one has got since', async () => {
      await append('b', [{ account: B, usage: '2026-10-02 10:00:00', exported: '2026-11-15 05:00:00' }]);
      await run();
      await append('b', [
        { account: B, usage: '2026-10-03 10:00:00', exported: '2026-11-15 05:00:00.000001' },
      ]);

      const { receipt } = await run();

      expect(await costs()).toEqual([`${A} 2026-11-19 5`, `${B} 2026-10-02 1`, `${B} 2026-10-03 1`]);
      expect(receipt).toMatchObject({ rows: { committed: 2 }, partitions_replaced: ['2026-11-19'] });
    });

    it('load a row that arrives with an export time before the watermark, once', async () => {
      await append('a', [{ usage: '2026-10-02 10:00:00', exported: '2026-11-18 05:00:00' }]);
      await run();
      await append('a', [{ usage: '2026-10-02 11:00:00', exported: '2026-11-17 05:00:00', cost: '7' }]);

      const found = await run();
      const again = await run();

      expect(await costs()).toEqual([`${A} 2026-10-02 8`, `${A} 2026-11-19 5`]);
      expect(found.receipt).toMatchObject({ partitions_replaced: ['2026-10-02', '2026-11-19'] });
      expect(again.receipt).toMatchObject({ partitions_replaced: ['2026-11-19'] });
    });
  });

  describe('in several tables', () => {
    it('are loaded together, one of them older, and each goes on from where it was', async () => {
      await createExport('detailed');
      await createExport('standard', 'standard');
      await givenOrganization('detailed', 'standard');
      await append('detailed', [
        { usage: '2026-11-19 10:00:00', cost: '5', credit: '-1', exported: '2026-11-20 05:00:00' },
      ]);
      await append('standard', [
        { account: B, usage: '2026-11-19 11:00:00', cost: '7', exported: '2026-11-01 05:00:00' },
      ]);

      const first = await run();
      await append('standard', [
        { account: B, usage: '2026-10-02 10:00:00', cost: '99', exported: '2026-11-15 05:00:00' },
      ]);
      await run();

      expect(await costs()).toEqual([`${A} 2026-11-19 4`, `${B} 2026-10-02 99`, `${B} 2026-11-19 7`]);
      expect(first.receipt).toMatchObject({
        control: { groups: 1 },
        money: {
          extracted: [
            { column: 'cost', currency: 'USD', sum: '12' },
            { column: 'net_cost', currency: 'USD', sum: '11' },
          ],
        },
      });
    });

    it('are refused where two hold the charges of one account', async () => {
      await createExport('detailed');
      await createExport('standard', 'standard');
      await givenOrganization('detailed', 'standard');
      for (const table of ['detailed', 'standard']) await append(table, [{ cost: '5' }]);

      expect(await ended()).toMatchObject({
        status: 'failed',
        error: {
          code: 'configuration_invalid',
          message: expect.stringContaining(
            `charges of billing account ${A} on 2026-10-01, which would be counted twice`,
          ),
        },
      });
    });
  });

  describe('with rows that lack what a cost needs', () => {
    const ODD: readonly Charge[] = [
      { usage: null, cost: '0' },
      { exported: null, cost: '0' },
      { currency: null, cost: null },
      { currency: '', cost: '0' },
      { cost: null },
    ];
    const PASSED_OVER = [
      { reason: 'no cost that is a number', rows: 1, rows_with_money: 0 },
      { reason: 'no currency', rows: 2, rows_with_money: 0 },
      { reason: 'no export_time', rows: 1, rows_with_money: 0 },
      { reason: 'no usage_start_time', rows: 1, rows_with_money: 0 },
    ];

    beforeEach(async () => {
      await createExport('export');
      await givenOrganization('export');
      await append('export', [
        { account: null, cost: '5' },
        { account: '', cost: '2' },
      ]);
    });

    it('load the others in a first run, and count them', async () => {
      await append('export', ODD);

      const { receipt } = await run();

      expect(await costs()).toEqual([' 2026-10-01 2', 'null 2026-10-01 5']);
      expect(receipt).toMatchObject({ rows: { committed: 2 }, passed_over: PASSED_OVER });
      expect(service.output).toContain('2 rows of the sources are not loaded: no currency.');
    });

    it('load the others in a later run, and count them', async () => {
      expect((await run()).receipt).not.toHaveProperty('passed_over');
      await append('export', [...ODD, { account: '', cost: '3', exported: '2026-10-03 05:00:00' }]);

      const { receipt } = await run();

      expect(await costs()).toEqual([' 2026-10-01 5', 'null 2026-10-01 5']);
      expect(receipt).toMatchObject({ passed_over: PASSED_OVER });
    });

    it.each([
      ['usage_start_time', { usage: null }],
      ['export_time', { exported: null }],
      ['currency', { currency: null }],
      ['currency', { currency: '', cost: '0', credit: '-1' }],
      ['cost that is a number', { cost: null, credit: '-1' }],
      ['cost that is a number', { cost: `'NaN'::DOUBLE` }],
      ['cost that is a number', { cost: '1e25' }],
      ['credit that is a number', { credit: `'Infinity'::DOUBLE` }],
    ] satisfies [string, Charge][])('refuse one without %s that holds money: %j', async (lacking, charge) => {
      const refused = {
        status: 'failed',
        error: {
          code: 'incomplete_rows',
          message: expect.stringMatching(
            new RegExp(
              `^Rows of ${dataset()}.export hold money and cannot be loaded: 1 \\(no ${lacking}\\)\\. .*leave_out`,
            ),
          ),
        },
      };
      await run();
      await append('export', [charge]);

      expect(await ended()).toMatchObject(refused);
      await sql(`DROP TABLE ${org}_dev.gcp_billing_costs`);
      expect(await ended()).toMatchObject(refused);
    });
  });
});
