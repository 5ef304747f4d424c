import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { addDecimals } from '@pipelines/pipeline';
import { EXPORT_TABLES, startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { changedDays, dayFingerprints } from './testing/day-fingerprints.ts';
import { runCommand } from './testing/run-command.ts';
import { addAccount } from './testing/second-accounts.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';
import { unpadded } from './testing/unpadded.ts';
import { changeWarehouse } from './testing/warehouse.ts';

jest.setTimeout(180_000);

const ORG = 'acme_corp';
const DATASET = `${ORG}_dev`;
const BILLING = `${ORG}_billing`;
const SPAN = { start_date: '2026-01-10', end_date: '2026-01-14' };
const DAYS = ['2026-01-10', '2026-01-11', '2026-01-12', '2026-01-13'];
const UNIFIED = 'focus/unified/cost_and_usage';
/** What is loaded for each of two accounts. */
const SHARED = [
  'openai/cost/costs_daily',
  'anthropic/cost/costs_daily',
  'anthropic/api/usage_messages',
  'gcp/cost/billing_export',
];
const CATALOG = 'gcp/api/pricing_catalog';
const TABLES = {
  openai_costs: 'usage_date',
  anthropic_costs: 'usage_date',
  anthropic_usage_messages: 'usage_date',
  gcp_billing_costs: 'usage_date',
};

type Provider = 'openai' | 'anthropic';
type Account = 'default' | 'eu' | 'moved';

const KEYS: Readonly<Record<Provider, Readonly<Record<Account, string>>>> = {
  openai: {
    default: 'sk-admin-account-one',
    eu: 'sk-admin-account-two',
    moved: 'sk-admin-account-three',
  },
  anthropic: {
    default: 'sk-ant-admin01-account-one',
    eu: 'sk-ant-admin01-account-two',
    moved: 'sk-ant-admin01-account-three',
  },
};

describe('an organization with two accounts of every provider', () => {
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
    for (const pipeline of [...SHARED, CATALOG]) await addAccount(service, pipeline, 'eu');
    await service.restart();
    const billing = (table: string) => ({
      ...sandbox.credentials.gcp,
      billing_export_table: `${BILLING}.${table}`,
    });
    api = await service.givenOrganization(ORG, {
      openai: { api_key: KEYS.openai.default },
      anthropic: { api_key: KEYS.anthropic.default },
      gcp: billing('one'),
    });
    await storeSecond('openai', { api_key: KEYS.openai.eu });
    await storeSecond('anthropic', { api_key: KEYS.anthropic.eu });
    await storeSecond('gcp', billing('two'));
    for (const table of ['one', 'two']) await createExport(table);
    for (const [index, day] of DAYS.entries()) {
      await charge('one', 'AAAAAA-000000-000000', day, `${index + 1}.25`);
      await charge('two', 'BBBBBB-000000-000000', day, `${100 * (index + 1)}`);
    }
  }, 120_000);

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  const storeSecond = (provider: string, secret: object) =>
    service.root.call('PUT', `credentials/${ORG}/${provider}`, { name: 'eu', secret });
  const createExport = async (table: string): Promise<void> => {
    const columns = Object.entries(EXPORT_TABLES.detailed.columns).map(([name, type]) => `"${name}" ${type}`);
    await changeWarehouse(
      service.warehousePath,
      `CREATE SCHEMA IF NOT EXISTS ${BILLING}; CREATE TABLE ${BILLING}.${table} (${columns.join(', ')})`,
    );
  };
  const charge = (table: string, account: string, day: string, cost: string) =>
    changeWarehouse(
      service.warehousePath,
      `INSERT INTO ${BILLING}.${table} (billing_account_id, usage_start_time, export_time, cost, currency, credits)
       VALUES ('${account}', '${day} 10:00:00', '${day} 20:00:00', ${cost}, 'USD', [])`,
    );

  const completed = async (id: string): Promise<RunStatus> => {
    const ended = await untilEnded(api, ORG, id);
    expect(ended).toMatchObject({ status: 'completed', error: null });
    return ended;
  };
  const run = async (pipeline: string, window: object = SPAN): Promise<RunStatus> =>
    completed(await startRun(api, ORG, pipeline, window));
  const second = (pipeline: string) => `${pipeline}_eu`;
  const fingerprints = async () =>
    Promise.all(
      Object.entries(TABLES).map(async ([table, day]) => [
        table,
        Object.fromEntries(await dayFingerprints(service, `${DATASET}.${table}`, day)),
      ]),
    );

  const truthOf = async (provider: Provider, account: Account): Promise<Record<string, string>> => {
    const query = new URLSearchParams({ ...SPAN, scale: '18', api_key: KEYS[provider][account] });
    const answer = await fetch(`${sandbox.url}/_sandbox/truth/${provider}/costs?${query}`);
    const { days } = (await answer.json()) as { days: { date: string; amount: string }[] };
    return Object.fromEntries(days.map(({ date, amount }) => [date, amount]));
  };
  const sumOf = (...truths: Readonly<Record<string, string>>[]): Record<string, string> =>
    Object.fromEntries(
      DAYS.map((day) => [day, unpadded(truths.reduce((sum, of) => addDecimals(sum, of[day] ?? '0'), '0'))]),
    );
  const gcpTruth = Object.fromEntries(
    DAYS.map((day, index) => [day, addDecimals(`${index + 1}.25`, `${100 * (index + 1)}`)]),
  );
  const byDay = async (select: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await service.rows(`${select} GROUP BY 1 ORDER BY 1`)).map(({ day, cost }) => [day, unpadded(cost!)]),
    );
  const table = (name: string, amount: string) =>
    byDay(`SELECT usage_date::VARCHAR AS day, sum(${amount}) AS cost FROM ${DATASET}.${name}`);
  const billed = (provider: string) =>
    byDay(
      `SELECT x_ChargeDate::VARCHAR AS day, sum(BilledCost) AS cost FROM ${DATASET}.focus_cost_and_usage WHERE ServiceProviderName = '${provider}'`,
    );
  /** What the accounts billed, in the tables and in FOCUS. */
  const expectSums = async (eu: Account = 'eu'): Promise<void> => {
    const openai = sumOf(await truthOf('openai', 'default'), await truthOf('openai', eu));
    const anthropic = sumOf(await truthOf('anthropic', 'default'), await truthOf('anthropic', eu));
    expect(await table('openai_costs', 'amount')).toEqual(openai);
    expect(await table('anthropic_costs', 'amount')).toEqual(anthropic);
    expect(await table('gcp_billing_costs', 'net_cost')).toEqual(gcpTruth);
    await run(UNIFIED);
    expect({
      OpenAI: await billed('OpenAI'),
      Anthropic: await billed('Anthropic'),
      Google: await billed('Google Cloud'),
    }).toEqual({ OpenAI: openai, Anthropic: anthropic, Google: gcpTruth });
  };

  it('has the sums of both, whatever the order of their runs', async () => {
    for (const [index, pipeline] of SHARED.entries()) {
      const order = index % 2 === 0 ? [pipeline, second(pipeline)] : [second(pipeline), pipeline];
      for (const each of [...order, order[0]!]) await run(each);
    }

    await expectSums();
  });

  it('tells in FOCUS which account a charge is of, and how much it used', async () => {
    const accounts = await service.rows(
      `SELECT DISTINCT ServiceProviderName AS provider, x_SourcePipeline AS pipeline, x_SourceCredential AS credential, x_SourceTable AS source
       FROM ${DATASET}.focus_cost_and_usage ORDER BY ALL`,
    );
    expect(accounts.map(({ pipeline, credential, source }) => [pipeline, credential, source])).toEqual([
      ['anthropic/cost/costs_daily', 'default', 'anthropic_costs'],
      ['anthropic/cost/costs_daily_eu', 'eu', 'anthropic_costs'],
      ['gcp/cost/billing_export', 'default', 'gcp_billing_costs'],
      ['gcp/cost/billing_export_eu', 'eu', 'gcp_billing_costs'],
      ['openai/cost/costs_daily', 'default', 'openai_costs'],
      ['openai/cost/costs_daily_eu', 'eu', 'openai_costs'],
    ]);
    const [billing] = await service.rows(
      `SELECT count(DISTINCT BillingAccountId) AS accounts FROM ${DATASET}.focus_cost_and_usage`,
    );
    expect(billing).toEqual({ accounts: '6' });
    // A quantity that two accounts were mixed up in would make another price of it.
    const prices = await service.rows(
      `SELECT SkuPriceId AS sku, count(DISTINCT round(ContractedUnitPrice, 6)) AS prices,
         count(DISTINCT CASE WHEN PricingQuantity > 0 THEN x_SourceCredential END) AS accounts
       FROM ${DATASET}.focus_cost_and_usage WHERE ServiceProviderName = 'Anthropic' AND ContractedUnitPrice IS NOT NULL
       GROUP BY ALL`,
    );
    expect(prices.length).toBeGreaterThan(3);
    expect(prices.filter(({ prices: different }) => different !== '1')).toEqual([]);
    expect(prices.some(({ accounts: both }) => both === '2')).toBe(true);
  });

  it('is checked table by table and writer by writer, without a violation', async () => {
    const check = await runCommand('focus/check/main', ['--org', ORG], service.environment);

    expect(check).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(' 0 violated') });
  });

  it('has the same rows after all of them ran at once', async () => {
    const before = await fingerprints();

    const started = await Promise.all(
      SHARED.flatMap((pipeline) => [pipeline, second(pipeline)]).map((pipeline) =>
        startRun(api, ORG, pipeline, SPAN),
      ),
    );
    await Promise.all(started.map(completed));

    expect(await fingerprints()).toEqual(before);
    await expectSums();
  });

  it('has the same rows after one account was backfilled, day by day', async () => {
    const before = await fingerprints();

    for (const pipeline of [second('openai/cost/costs_daily'), 'anthropic/cost/costs_daily']) {
      const { backfill_id: id } = await api.call<{ backfill_id: string }>(
        'POST',
        `pipelines/backfill/${ORG}/${pipeline}`,
        { ...SPAN, max_concurrent: 4 },
      );
      expect(await untilEnded(api, ORG, id)).toMatchObject({ status: 'completed' });
    }

    expect(await fingerprints()).toEqual(before);
    await expectSums();
  });

  it('restates the figures of one account only', async () => {
    const own = await truthOf('openai', 'eu');
    const focus = () => dayFingerprints(service, `${DATASET}.focus_cost_and_usage`, 'x_ChargeDate');
    const before = await focus();
    await storeSecond('openai', { api_key: KEYS.openai.moved });
    await storeSecond('anthropic', { api_key: KEYS.anthropic.moved });

    const restated = await run(second('openai/cost/costs_daily'));
    await run(second('anthropic/cost/costs_daily'));
    await run(second('anthropic/api/usage_messages'));

    const { entries } = (
      restated.receipt as unknown as { restatement: { entries: Record<string, string>[] } }
    ).restatement;
    expect(entries.map(({ day, before: told }) => [day, unpadded(told!)])).toEqual(
      [...DAYS].reverse().map((day) => [day, unpadded(own[day]!)]),
    );
    await expectSums('moved');
    expect(changedDays(before, await focus())).toEqual(DAYS);
  });

  it('bills an account that moves to a table of its own there, once its old rows are deleted', async () => {
    const costs = 'openai/cost/costs_daily_eu';
    const file = join(service.configsDirectory, `${costs}.yml`);
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('table: openai_costs', 'table: openai_costs_eu'),
    );
    await service.restart();
    await run(costs);
    const check = () => runCommand('focus/check/main', ['--org', ORG], service.environment);
    expect(await untilEnded(api, ORG, await startRun(api, ORG, UNIFIED, SPAN))).toMatchObject({
      status: 'failed',
      error: {
        code: 'configuration_invalid',
        message: expect.stringContaining(`${costs} in openai_costs_eu`),
      },
    });
    expect((await check()).stdout).toMatch(/lineage +writers:openai_costs +[1-9]\d* rows/);

    await changeWarehouse(
      service.warehousePath,
      `DELETE FROM ${DATASET}.openai_costs WHERE _pipeline = '${costs}'`,
    );
    await run(UNIFIED);

    const checked = await check();
    expect(checked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(' 0 violated') });
    expect(checked.stdout).not.toContain('writers:');
    expect(await billed('OpenAI')).toEqual(
      sumOf(await truthOf('openai', 'default'), await truthOf('openai', 'moved')),
    );
    const sources = await service.rows(
      `SELECT DISTINCT x_SourceTable AS source, x_SourceCredential AS credential
       FROM ${DATASET}.focus_cost_and_usage WHERE ServiceProviderName = 'OpenAI' ORDER BY ALL`,
    );
    expect(sources).toEqual([
      { source: 'openai_costs', credential: 'default' },
      { source: 'openai_costs_eu', credential: 'eu' },
    ]);
  });

  it('keeps a history of prices for each account', async () => {
    await run(CATALOG, { date: '2026-01-13' });
    const eu = await run(second(CATALOG), { date: '2026-01-13' });
    const again = await run(CATALOG, { date: '2026-01-13' });

    const counts = await service.rows(
      `SELECT _pipeline AS pipeline, count(*) AS rows FROM ${DATASET}.gcp_pricing_catalog GROUP BY ALL ORDER BY ALL`,
    );
    expect(counts.map(({ pipeline }) => pipeline)).toEqual([CATALOG, second(CATALOG)]);
    expect(new Set(counts.map(({ rows }) => rows)).size).toBe(1);
    expect(eu.receipt).toMatchObject({ rows: { committed: Number(counts[0]!.rows) } });
    expect(again.receipt).toMatchObject({ rows: { committed: 0 } });
  });
});
