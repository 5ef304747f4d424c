import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  appendBillingRows,
  arrivalOf,
  billingRowsOf,
  correctionOf,
  gcpBillingTruth,
  seedGcpExports,
  startProviderSandbox,
  type BilledService,
  type ProviderSandbox,
} from '@pipelines/provider-sandbox';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { changedDays, dayFingerprints } from './testing/day-fingerprints.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';
import { unpadded } from './testing/unpadded.ts';

const ORG = 'acme_corp';
const DATASET = 'acme_corp_billing';
const SEED = 'pipelines';
/** The end of a year lies in the middle. */
const START = '2025-12-15';
const FIRST_RUN = '2026-01-03T12:00:00.000Z';
const MONTH_LATER = '2026-02-05T12:00:00.000Z';
const COSTS = `${ORG}_dev.gcp_billing_costs`;

describe('the Google Cloud exports', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  let api: ApiClient;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      GCP_BILLING_CATALOG_BASE_URL: sandbox.endpoints.gcpBillingCatalog,
      GCP_TOKEN_URL: sandbox.endpoints.gcpToken,
    });
    api = await service.givenOrganization(ORG, sandbox.credentials);
  });

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  const seedUntil = (until: string) =>
    seedGcpExports(service.warehousePath, { dataset: DATASET, start: START, until: new Date(until) });
  const run = async (pipeline: string, window: object): Promise<RunStatus> => {
    const ended = await untilEnded(api, ORG, await startRun(api, ORG, pipeline, window));
    expect(ended).toMatchObject({ status: 'completed', error: null });
    return ended;
  };
  const loadCosts = (window: object) => run('gcp/cost/billing_export', window);
  const days = () => dayFingerprints(service, COSTS, 'usage_date');
  const daysOfRun = async ({ run_id }: RunStatus): Promise<string[]> => {
    const rows = await service.rows(
      `SELECT DISTINCT usage_date::VARCHAR AS day FROM ${COSTS} WHERE _run_id = '${run_id}' ORDER BY 1`,
    );
    return rows.map(({ day }) => day!);
  };
  const loaded = async (): Promise<BilledService[]> => {
    const rows = await service.rows(
      `SELECT usage_date::VARCHAR AS day, service_description AS service, currency, count(*) AS rows,
         sum(cost) AS cost, sum(credits_total) AS credits, sum(net_cost) AS net_cost
       FROM ${COSTS} GROUP BY ALL ORDER BY 1, 2, 3`,
    );
    return rows.map(({ day, service: name, currency, rows: count, cost, credits, net_cost }) => ({
      day: day!,
      service: name!,
      currency: currency!,
      rows: Number(count),
      cost: unpadded(cost!),
      credits: unpadded(credits!),
      net_cost: unpadded(net_cost!),
    }));
  };
  /** Of all days up to that of the instant. */
  const truth = (until: string): BilledService[] => {
    const end = new Date(Date.parse(until) + 86_400_000).toISOString().slice(0, 10);
    return [...gcpBillingTruth(SEED, START, end, until)];
  };

  it('fails with what to do as long as there is no export', async () => {
    const ended = await untilEnded(
      api,
      ORG,
      await startRun(api, ORG, 'gcp/cost/billing_export', { date: '2026-01-01' }),
    );

    expect(ended).toMatchObject({
      status: 'failed',
      error: {
        code: 'source_not_found',
        message: expect.stringContaining('Enable the detailed (or standard) usage cost export'),
      },
    });
  });

  it('are loaded to the last digit, the days before the window as well', async () => {
    await seedUntil(FIRST_RUN);

    const first = await loadCosts({ date: '2026-01-02' });

    expect(await loaded()).toEqual(truth(FIRST_RUN));
    const groups = new Set(truth(FIRST_RUN).map(({ day, currency }) => `${day} ${currency}`));
    expect(first.receipt).toMatchObject({
      control: { by: ['usage_date', 'currency'], sums: ['cost', 'net_cost'], groups: groups.size },
      watermark: expect.stringMatching(/^2026-01-03T.*\d{6}Z$/),
      watermarks: {
        '01AB23-CD45EF-678901': expect.stringMatching(/^2026-01-03T/),
        '01C0DE-FEED42-0A1B2C': expect.stringMatching(/^2026-01-01T/),
      },
      passed_over: [
        { reason: 'no currency', rows: 1, rows_with_money: 0 },
        { reason: 'no usage_start_time', rows: 1, rows_with_money: 0 },
      ],
    });
    expect((await days()).size).toBe(19);
  });

  it('give the same table when nothing is new, be the export filled again', async () => {
    const before = await days();
    await seedUntil(FIRST_RUN);

    const again = await loadCosts({ date: '2026-01-02' });

    expect(await days()).toEqual(before);
    expect(await daysOfRun(again)).toEqual(['2026-01-02']);
    expect(again.receipt).toMatchObject({ restatement: { figures: 0 } });
  });

  it('change exactly the days of late rows and corrections, a month later', async () => {
    const before = await days();
    await seedUntil(MONTH_LATER);

    const later = await loadCosts({ date: '2026-02-04' });

    expect(await loaded()).toEqual(truth(MONTH_LATER));
    const newer = new Set(
      truth(MONTH_LATER)
        .map(({ day }) => day)
        .filter((day) =>
          billingRowsOf(SEED, day).some((row) => arrivalOf(row) > FIRST_RUN && arrivalOf(row) <= MONTH_LATER),
        ),
    );
    expect(await daysOfRun(later)).toEqual([...newer].sort());
    const changed = changedDays(before, await days());
    expect(changed).toEqual([...before.keys()].filter((day) => newer.has(day)).sort());
    // Some days of the old year were corrected, and some were not.
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThan(before.size);
  });

  it('take one correction in where it belongs, and nowhere else', async () => {
    const before = await days();
    const row = billingRowsOf(SEED, '2025-12-20')[0]!;
    await appendBillingRows(service.warehousePath, DATASET, correctionOf(row, '2026-02-05T13:00:00.000001Z'));

    const { receipt } = await loadCosts({ date: '2026-02-04' });

    expect(changedDays(before, await days())).toEqual(['2025-12-20']);
    expect(receipt).toMatchObject({
      watermark: '2026-02-05T13:00:00.000001Z',
      partitions_replaced: ['2025-12-20', '2026-02-04'],
    });
  });

  it('load prices per day, list and own', async () => {
    await run('gcp/api/pricing_export', { date: '2026-02-04' });

    const [prices] = await service.rows(
      `SELECT count(DISTINCT pricing_date) AS days, count(DISTINCT price_kind) AS kinds,
         count(DISTINCT consumption_model_id) AS models FROM ${ORG}_dev.gcp_prices`,
    );
    expect(prices).toEqual({ days: '52', kinds: '2', models: '1' });
  });

  it('refuse to read from a dataset of another organization', async () => {
    const other = await service.givenOrganization('other', sandbox.credentials);

    const ended = await untilEnded(
      other,
      'other',
      await startRun(other, 'other', 'gcp/cost/billing_export', { date: '2026-01-01' }),
    );

    expect(ended).toMatchObject({
      status: 'failed',
      error: {
        code: 'configuration_invalid',
        message: expect.stringContaining('not from acme_corp_billing'),
      },
    });
  });

  it('leave a catalog that did not change as it is', async () => {
    const prices = `SELECT * FROM ${ORG}_dev.gcp_pricing_catalog ORDER BY ALL`;
    const first = await run('gcp/api/pricing_catalog', {});
    const before = await service.rows(prices);

    const second = await run('gcp/api/pricing_catalog', {});

    expect(before).toHaveLength(first.receipt!.rows.committed);
    expect(second.receipt!.rows).toEqual({ extracted: 0, staged: 0, committed: 0, replaced: 0 });
    expect(await service.rows(prices)).toEqual(before);
  });
});
