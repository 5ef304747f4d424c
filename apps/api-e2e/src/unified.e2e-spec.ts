import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DuckdbWarehouse } from '@pipelines/duckdb-loader';
import { addDecimals, type Load } from '@pipelines/pipeline';
import { aLoad } from '@pipelines/pipeline/testing';
import { checkFocus, FOCUS_UNIFIED_SCHEMA, type FocusCheck } from '@pipelines/processors-unified';
import {
  arrivalOf,
  billingRowsOf,
  gcpBillingTruth,
  seedGcpExports,
  startProviderSandbox,
  type ProviderSandbox,
} from '@pipelines/provider-sandbox';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { runCommand } from './testing/run-command.ts';
import { changedDays, dayFingerprints } from './testing/day-fingerprints.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';
import { unpadded } from './testing/unpadded.ts';
import { changeWarehouse } from './testing/warehouse.ts';

// Ninety days of three providers.
jest.setTimeout(180_000);

const ORG = 'acme_corp';
const DATASET = `${ORG}_dev`;
const BILLING = `${ORG}_billing`;
const SEED = 'pipelines';
/** Ninety days over a year's end. */
const SPAN = { start_date: '2025-11-03', end_date: '2026-02-01' };
const SEEN = '2026-02-01T12:00:00.000Z';
const MONTH_LATER = '2026-03-05T12:00:00.000Z';
const PROVIDERS = [
  'openai/cost/costs_daily',
  'anthropic/api/usage_messages',
  'anthropic/cost/costs_daily',
  'gcp/cost/billing_export',
];
const UNIFIED = 'focus/unified/cost_and_usage';

/** Sums of a provider, by day and currency. */
type Sums = Readonly<Record<string, string>>;

describe('the unified table', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  let api: ApiClient;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      ANTHROPIC_BASE_URL: sandbox.endpoints.anthropic,
      GCP_BILLING_CATALOG_BASE_URL: sandbox.endpoints.gcpBillingCatalog,
      GCP_TOKEN_URL: sandbox.endpoints.gcpToken,
    });
    api = await service.givenOrganization(ORG, sandbox.credentials);
  }, 120_000);

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  const seedUntil = (until: string) =>
    seedGcpExports(service.warehousePath, {
      dataset: BILLING,
      start: SPAN.start_date,
      until: new Date(until),
    });
  const run = async (pipeline: string, window: object): Promise<RunStatus> => {
    const ended = await untilEnded(api, ORG, await startRun(api, ORG, pipeline, window));
    expect(ended).toMatchObject({ status: 'completed', error: null });
    return ended;
  };
  const check = (): Promise<FocusCheck> => {
    const access: Load = aLoad({
      org: ORG,
      schema: FOCUS_UNIFIED_SCHEMA,
      target: { dataset: DATASET, table: 'focus_cost_and_usage' },
    });
    return checkFocus(new DuckdbWarehouse({ path: service.warehousePath }), access, []);
  };
  const violations = async () => (await check()).findings.filter(({ deviation }) => deviation === undefined);
  const days = () =>
    dayFingerprints(service, `${DATASET}.focus_cost_and_usage`, 'x_ChargeDate', [
      'x_SourceLoadedAt',
      'x_SourceRunId',
    ]);
  const sumsOf = async (provider: string): Promise<Sums> => {
    const rows = await service.rows(
      `SELECT x_ChargeDate::VARCHAR AS day, BillingCurrency AS currency, sum(BilledCost) AS cost
       FROM ${DATASET}.focus_cost_and_usage WHERE ServiceProviderName = '${provider}' GROUP BY ALL`,
    );
    return Object.fromEntries(rows.map(({ day, currency, cost }) => [`${day} ${currency}`, unpadded(cost!)]));
  };
  const truthOf = async (provider: 'openai' | 'anthropic'): Promise<Sums> => {
    const query = new URLSearchParams({ ...SPAN, scale: '18' });
    const answer = await fetch(`${sandbox.url}/_sandbox/truth/${provider}/costs?${query}`);
    const { days: found } = (await answer.json()) as { days: { date: string; amount: string }[] };
    return Object.fromEntries(found.map(({ date, amount }) => [`${date} USD`, unpadded(amount)]));
  };
  const gcpTruth = (until: string): Sums => {
    const sums: Record<string, string> = {};
    const end = new Date(Date.parse(until) + 86_400_000).toISOString().slice(0, 10);
    for (const { day, currency, net_cost } of gcpBillingTruth(SEED, SPAN.start_date, end, until)) {
      const key = `${day} ${currency}`;
      sums[key] = unpadded(addDecimals(sums[key] ?? '0', net_cost));
    }
    return sums;
  };

  it('is empty while nothing is loaded, and needs no credential', async () => {
    const first = await run(UNIFIED, { date: '2026-01-31' });

    expect(first.receipt).toMatchObject({ rows: { committed: 0 } });
    expect(await violations()).toEqual([]);
  });

  it('holds what is loaded, and only that', async () => {
    await run('anthropic/cost/costs_daily', SPAN);
    await run(UNIFIED, { date: '2026-01-31' });

    expect(await sumsOf('Anthropic')).toEqual(await truthOf('anthropic'));
    expect(await violations()).toEqual([]);
  });

  it('adds up to what every provider billed, by day and currency, and breaks no rule', async () => {
    await seedUntil(SEEN);
    for (const pipeline of PROVIDERS) await run(pipeline, SPAN);
    const { receipt } = await run(UNIFIED, { date: '2026-01-31' });

    const sums = {
      OpenAI: await sumsOf('OpenAI'),
      Google: await sumsOf('Google Cloud'),
      Anthropic: await sumsOf('Anthropic'),
    };
    expect(sums).toEqual({
      OpenAI: await truthOf('openai'),
      Google: gcpTruth(SEEN),
      Anthropic: await truthOf('anthropic'),
    });
    expect(receipt).toMatchObject({
      control: {
        by: [
          'ServiceProviderName',
          'x_SourceTable',
          'x_SourcePipeline',
          'x_ChargeDate',
          'ChargePeriodStart',
          'BillingCurrency',
        ],
        sums: ['BilledCost', 'EffectiveCost'],
        groups: Object.values(sums).flatMap((of) => Object.keys(of)).length,
      },
    });
    const { rows, rules, findings } = await check();
    expect(findings.filter(({ deviation }) => deviation === undefined)).toEqual([]);
    expect(rows).toBeGreaterThan(1_000);
    expect(rules).toBeGreaterThan(200);
    for (const version of ['1.2', '1.4']) {
      expect(findings).toContainEqual(expect.objectContaining({ version, id: 'told:InvoiceId', rows }));
      expect(findings).toContainEqual(expect.objectContaining({ version, id: 'told:BillingAccountName' }));
      expect(findings).toContainEqual(expect.objectContaining({ version, id: 'named:RegionName' }));
    }
  });

  it('names the commitment of everything that one covers or that buys one', async () => {
    const commitments = await service.rows(
      `SELECT DISTINCT ChargeCategory AS charge, CommitmentDiscountCategory AS category, CommitmentDiscountStatus AS status,
         CommitmentDiscountType AS type, CommitmentDiscountId IS NOT NULL AND CommitmentDiscountName IS NOT NULL AS named
       FROM ${DATASET}.focus_cost_and_usage
       WHERE PricingCategory = 'Committed' OR ChargeCategory = 'Purchase' ORDER BY charge`,
    );

    const type = 'COMMITTED_USAGE_DISCOUNT';
    expect(commitments).toEqual([
      { charge: 'Purchase', category: 'Usage', status: null, type, named: 'true' },
      { charge: 'Usage', category: 'Usage', status: 'Used', type, named: 'true' },
    ]);
  });

  it('prices every web search of Anthropic at ten dollars for a thousand', async () => {
    const prices = await service.rows(
      `SELECT DISTINCT ContractedUnitPrice::DOUBLE AS price, PricingUnit AS unit
       FROM ${DATASET}.focus_cost_and_usage WHERE SkuId = 'anthropic/web_search'`,
    );

    expect(prices).toEqual([{ price: '10', unit: '1000 Requests' }]);
  });

  it('is the same after everything has run again with nothing new', async () => {
    const before = await days();

    for (const pipeline of [...PROVIDERS, UNIFIED]) await run(pipeline, { date: '2026-01-31' });

    expect(await days()).toEqual(before);
    expect(await violations()).toEqual([]);
  });

  it('changes in the very days that Google Cloud corrected a month later', async () => {
    const before = await days();
    await seedUntil(MONTH_LATER);
    await run('gcp/cost/billing_export', { date: '2026-03-04' });

    await run(UNIFIED, { date: '2026-03-04' });

    const changed = changedDays(before, await days());
    const newer = [...before.keys()].filter((day) =>
      billingRowsOf(SEED, day).some((row) => arrivalOf(row) > SEEN && arrivalOf(row) <= MONTH_LATER),
    );
    expect(changed).toEqual(newer.sort());
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThan(before.size);
    expect(await sumsOf('Google Cloud')).toEqual(gcpTruth(MONTH_LATER));
    expect(await violations()).toEqual([]);
  });

  describe('by the commands', () => {
    const settings = () => ({ DUCKDB_PATH: service.warehousePath });

    it('is exported as FOCUS writes values, in CSV and in Parquet', async () => {
      const csv = join(service.directory, 'focus.csv');
      const parquet = join(service.directory, 'focus.parquet');
      const args = (format: string, out: string) => ['--org', ORG, '--format', format, '--out', out];

      expect(await runCommand('focus/export/main', args('csv', csv), settings())).toMatchObject({
        exitCode: 0,
      });
      const exported = await runCommand('focus/export/main', args('parquet', parquet), settings());

      const [charges] = await service.rows(`SELECT count(*) AS rows FROM ${DATASET}.focus_1_2`);
      expect(exported).toMatchObject({
        exitCode: 0,
        stdout: `${charges!.rows} rows of ${DATASET} in the columns of FOCUS 1.2: ${parquet}\n`,
      });
      const lines = (await readFile(csv, 'utf8')).trimEnd().split('\r\n');
      expect(lines).toHaveLength(Number(charges!.rows) + 1);
      expect(lines[0]).toMatch(/^AvailabilityZone,BilledCost,.*,SubAccountType,Tags$/);
      for (const line of lines.slice(1, 100)) expect(line).toMatch(/^[^,]*,-?\d+\.\d+,/);
      expect(lines[1]).toMatch(/,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,/);
      const sums = async (relation: string) =>
        service.rows(
          `SELECT sum(BilledCost) AS billed, count(*) AS rows, count(Tags) AS tagged, min(ChargePeriodStart)::TIMESTAMP AS start FROM ${relation}`,
        );
      expect(await sums(`read_parquet('${parquet}')`)).toEqual(await sums(`${DATASET}.focus_1_2`));
    });

    it('is checked: 0 without violations, 1 with any, 2 when it cannot be', async () => {
      const good = await runCommand('focus/check/main', ['--org', ORG], settings());
      expect(good).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(' 0 violated') });
      await changeWarehouse(
        service.warehousePath,
        `UPDATE ${DATASET}.focus_cost_and_usage SET BillingCurrency = 'usd' WHERE rowid IN (
           SELECT rowid FROM ${DATASET}.focus_cost_and_usage WHERE x_SourceTable = 'openai_costs' LIMIT 2)`,
      );

      const bad = await runCommand('focus/check/main', ['--org', ORG], settings());

      expect(bad.exitCode).toBe(1);
      expect(bad.stdout).toMatch(/1\.2 +currency:BillingCurrency +2 rows/);
      expect(bad.stdout).toMatch(/lineage +reconciled:openai_costs +\d rows/);
      const none = await runCommand('focus/check/main', ['--org', 'nobody'], settings());
      expect(none).toMatchObject({
        exitCode: 2,
        stderr:
          'There is no nobody_dev.focus_cost_and_usage. Run the pipeline focus/unified/cost_and_usage first.\n',
      });
      expect(
        await runCommand('focus/export/main', ['--org', ORG, '--format', 'xls'], settings()),
      ).toMatchObject({
        exitCode: 2,
        stderr: '--format takes csv or parquet.\n',
      });
    });
  });
});
