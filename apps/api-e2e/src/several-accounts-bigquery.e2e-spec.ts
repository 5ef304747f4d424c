import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeWithBigQueryEmulator } from '@pipelines/bigquery-loader/testing';
import { createBigQueryClient, startBigQueryEmulator } from '@pipelines/bigquery-loader/testing/emulator';
import { addDecimals } from '@pipelines/pipeline';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { ApiClient } from '@pipelines/service-driver';
import { addAccount } from './testing/second-accounts.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';
import { unpadded } from './testing/unpadded.ts';

jest.setTimeout(240_000);

const ORG = 'acme_corp';
const PLACE = { projectId: 'test-project', location: 'US' };
const SPAN = { start_date: '2026-01-10', end_date: '2026-01-12' };
const DAYS = ['2026-01-10', '2026-01-11'];
const ONE = 'openai/cost/costs_daily';
const KEYS = { one: 'sk-admin-account-one', two: 'sk-admin-account-two', three: 'sk-admin-account-three' };

describeWithBigQueryEmulator('an organization with two accounts of a provider, in BigQuery', () => {
  let emulator: Awaited<ReturnType<typeof startBigQueryEmulator>>;
  let client: Awaited<ReturnType<typeof createBigQueryClient>>;
  let sandbox: ProviderSandbox;
  let service: TestService;
  let api: ApiClient;
  let two: string;

  beforeAll(async () => {
    emulator = await startBigQueryEmulator();
    client = await createBigQueryClient({ ...PLACE, apiEndpoint: emulator.url });
    // The emulator keeps 18 fraction digits.
    sandbox = await startProviderSandbox({ costFractionDigits: 15 });
    service = await TestService.start({
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      WAREHOUSE: 'bigquery',
      BIGQUERY_PROJECT: PLACE.projectId,
      BIGQUERY_LOCATION: PLACE.location,
      BIGQUERY_API_ENDPOINT: emulator.url,
    });
    two = await addAccount(service, ONE, 'eu');
    await service.restart();
    api = await service.givenOrganization(ORG, { openai: { api_key: KEYS.one } });
    await storeSecond(KEYS.two);
  }, 180_000);

  afterAll(async () => {
    await service?.stop();
    await sandbox?.close();
    await emulator?.stop();
  });

  const storeSecond = (api_key: string) =>
    service.root.call('PUT', `credentials/${ORG}/openai`, { name: 'eu', secret: { api_key } });
  const run = async (pipeline: string): Promise<void> => {
    expect(await untilEnded(api, ORG, await startRun(api, ORG, pipeline, SPAN))).toMatchObject({
      status: 'completed',
      error: null,
    });
  };
  const truthOf = async (...keys: string[]): Promise<Record<string, string>> => {
    const sums: Record<string, string> = {};
    for (const api_key of keys) {
      const query = new URLSearchParams({ ...SPAN, scale: '18', api_key });
      const answer = await fetch(`${sandbox.url}/_sandbox/truth/openai/costs?${query}`);
      const { days } = (await answer.json()) as { days: { date: string; amount: string }[] };
      for (const { date, amount } of days) sums[date] = unpadded(addDecimals(sums[date] ?? '0', amount));
    }
    return sums;
  };
  const sums = async (select: string): Promise<Record<string, string>> => {
    const [rows] = await client.query(`${select} GROUP BY 1 ORDER BY 1`);
    return Object.fromEntries(
      (rows as { day: string; cost: string }[]).map(({ day, cost }) => [day, unpadded(cost)]),
    );
  };
  const costs = () =>
    sums(
      `SELECT CAST(usage_date AS STRING) AS day, CAST(SUM(amount) AS STRING) AS cost FROM ${ORG}_dev.openai_costs`,
    );
  const billed = () =>
    sums(
      `SELECT CAST(x_ChargeDate AS STRING) AS day, CAST(SUM(BilledCost) AS STRING) AS cost FROM ${ORG}_dev.focus_cost_and_usage`,
    );

  it('has the sums of both, one after the other, at once, restated and backfilled', async () => {
    await run(ONE);
    await run(two);
    await run(ONE);
    const both = await truthOf(KEYS.one, KEYS.two);
    expect(Object.keys(both)).toEqual(DAYS);
    expect(await costs()).toEqual(both);

    await Promise.all([run(ONE), run(two)]);
    expect(await costs()).toEqual(both);
    await run('focus/unified/cost_and_usage');
    expect(await billed()).toEqual(both);

    await storeSecond(KEYS.three);
    const { backfill_id: id } = await api.call<{ backfill_id: string }>(
      'POST',
      `pipelines/backfill/${ORG}/${two}`,
      { ...SPAN, max_concurrent: 2 },
    );
    expect(await untilEnded(api, ORG, id)).toMatchObject({ status: 'completed' });
    const restated = await truthOf(KEYS.one, KEYS.three);
    expect(await costs()).toEqual(restated);
    await run('focus/unified/cost_and_usage');
    expect(await billed()).toEqual(restated);
  });
});
