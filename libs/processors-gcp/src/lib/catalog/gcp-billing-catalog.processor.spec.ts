import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderHttpClient, type Row, type TargetReader } from '@pipelines/pipeline';
import {
  describeProcessorContract,
  FakeProvider,
  NOTHING_LOADED,
  type FakeReply,
  type FakeRequest,
} from '@pipelines/pipeline/testing';
import { GcpAccessTokens } from '../gcp-access-tokens.ts';
import { GcpClient } from '../gcp-client.ts';
import { contextOf, SERVICE_ACCOUNT, withToken } from '../testing/gcp-answers.ts';
import type { GcpBillingCatalogOptions } from './gcp-billing-catalog.options.ts';
import { GcpBillingCatalogProcessor } from './gcp-billing-catalog.processor.ts';

const SERVICES = `{"services":[
  {"name":"services/95FF-2EF5-5EA1","serviceId":"95FF-2EF5-5EA1","displayName":"Cloud Storage","businessEntityName":"businessEntities/GCP"},
  {"name":"services/24E6-581D-38E5","serviceId":"24E6-581D-38E5","displayName":"BigQuery"},
  {"name":"services/0000-0000-0001","serviceId":"0000-0000-0001","displayName":"Retired"}],"nextPageToken":""}`;

/** Two tiers, the first free; prices in units and nanos; a conversion factor that a float would round. */
const STORAGE_SKU = `{"name":"services/95FF-2EF5-5EA1/skus/E5F0-6A5D-7BAD","skuId":"E5F0-6A5D-7BAD",
  "description":"Standard Storage US Regional",
  "category":{"serviceDisplayName":"Cloud Storage","resourceFamily":"Storage","resourceGroup":"RegionalStorage","usageType":"OnDemand"},
  "serviceRegions":["us-central1","us-east1"],"serviceProviderName":"Google","geoTaxonomy":{"type":"REGIONAL","regions":[]},
  "pricingInfo":[{"summary":"","effectiveTime":"2026-10-05T13:13:21.123456789Z","currencyConversionRate":1,
    "pricingExpression":{"usageUnit":"GiBy.mo","baseUnit":"By.s","baseUnitConversionFactor":2.8759561797632e15,"displayQuantity":1,
      "tieredRates":[{"startUsageAmount":0,"unitPrice":{"currencyCode":"USD","units":"0","nanos":0}},
                     {"startUsageAmount":5.5,"unitPrice":{"currencyCode":"USD","units":"12","nanos":20000001}}]},
    "aggregationInfo":{"aggregationLevel":"ACCOUNT","aggregationInterval":"MONTHLY","aggregationCount":1}}]}`;
const DISCOUNT_SKU = `{"skuId":"AAAA-BBBB-CCCC","pricingInfo":[{"effectiveTime":"2026-10-05T00:00:00Z",
  "pricingExpression":{"usageUnit":"h","tieredRates":[{"unitPrice":{"currencyCode":"USD","units":"-1","nanos":-750000000}}]}}]}`;

const STORAGE_PATH = '/v1/services/95FF-2EF5-5EA1/skus';
const BIGQUERY_PATH = '/v1/services/24E6-581D-38E5/skus';

function catalog({ path, query }: FakeRequest): FakeReply {
  switch (path) {
    case '/v1/services':
      return { body: SERVICES };
    case STORAGE_PATH:
      return query.has('pageToken')
        ? { body: `{"skus":[${DISCOUNT_SKU}]}` }
        : { body: `{"skus":[${STORAGE_SKU}],"nextPageToken":"t1"}` };
    case BIGQUERY_PATH:
      return { body: `{"skus":[],"nextPageToken":""}` };
    default:
      return { body: '{}' };
  }
}

function createProcessor(url: string, http: ProviderHttpClient): GcpBillingCatalogProcessor {
  const options = { billingCatalogBaseUrl: `${url}/v1`, tokenUrl: `${url}/token` };
  return new GcpBillingCatalogProcessor(new GcpClient(http, new GcpAccessTokens(options, http)), options);
}

describe('GcpBillingCatalogProcessor', () => {
  let provider: FakeProvider;

  const extract = async (
    options: Partial<GcpBillingCatalogOptions> = {},
    target: TargetReader = NOTHING_LOADED,
  ): Promise<Row[]> => {
    const processor = createProcessor(
      provider.url,
      new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 }),
    );
    const rows: Row[] = [];
    const context = contextOf({ currency_code: 'USD', ...options });
    for await (const batch of processor.extract(context, target)) rows.push(...batch);
    return rows;
  };

  beforeAll(async () => {
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
    provider.answer = withToken(catalog);
  });

  afterAll(() => provider.stop());

  describe('when the list of one service cannot be had', () => {
    const SERVICES_OF_FIVE = `{"services":[${[1, 2, 3, 4, 5].map((n) => `{"serviceId":"0000-0000-000${n}","displayName":"S${n}"}`).join()}]}`;
    /** Five services, of which the lists of some are answered so; the others sell one SKU each. */
    const failing = (failed: readonly number[], reply: FakeReply) =>
      withToken(({ path }) => {
        if (path === '/v1/services') return { body: SERVICES_OF_FIVE };
        const [, n] = /000(\d)\/skus$/.exec(path)!;
        if (failed.includes(Number(n))) return reply;
        return { body: `{"skus":[${DISCOUNT_SKU.replace('AAAA', `AAA${n}`)}]}` };
      });
    const run = async () => {
      const processor = createProcessor(
        provider.url,
        new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 }),
      );
      const context = contextOf({ currency_code: 'USD' });
      const names: unknown[] = [];
      for await (const batch of processor.extract(context, NOTHING_LOADED)) {
        names.push(...batch.map(({ service_name }) => service_name));
      }
      return { names, leftOut: context.leftOut.parts };
    };

    it.each([403, 404, 400, 500])('loads the others after HTTP %d, and says so once', async (status) => {
      provider.answer = failing([1, 4], { status, body: '{}' });

      expect(await run()).toMatchObject({
        names: ['S2', 'S3', 'S5'],
        leftOut: [{ part: 'prices of some services', reason: expect.stringContaining(`HTTP ${status}`) }],
      });
    });

    it.each<[string, readonly number[], FakeReply, string]>([
      ['those of all services', [1, 2, 3, 4, 5], { status: 403, body: '{}' }, 'credential_rejected'],
      ['three in a row', [2, 3, 4], { status: 503, body: '{}' }, 'provider_unavailable'],
      ['a token that is rejected', [2], { status: 401, body: '{}' }, 'credential_rejected'],
      ['a list that cannot be read', [2], { body: '{"skus":' }, 'provider_response_invalid'],
    ])('fails on %s', async (_kind, failed, reply, code) => {
      provider.answer = failing(failed, reply);

      await expect(run()).rejects.toMatchObject({ code });
    });

    it('fails when the list of a service breaks off', async () => {
      provider.answer = withToken((request) =>
        request.query.has('pageToken') ? { status: 404, body: '{}' } : catalog(request),
      );

      await expect(run()).rejects.toMatchObject({ code: 'provider_rejected_request' });
    });

    it('fails when the only services asked for cannot be had', async () => {
      provider.answer = failing([2], { status: 404, body: '{}' });

      await expect(extract({ service_ids: ['0000-0000-0002'] })).rejects.toMatchObject({
        code: 'provider_rejected_request',
      });
    });
  });

  it('turns every tier of every SKU into a row with an exact price', async () => {
    const rows = await extract();

    expect(rows).toHaveLength(3);
    expect(rows[1]).toEqual({
      service_id: '95FF-2EF5-5EA1',
      service_name: 'Cloud Storage',
      sku_id: 'E5F0-6A5D-7BAD',
      sku_description: 'Standard Storage US Regional',
      resource_family: 'Storage',
      resource_group: 'RegionalStorage',
      usage_type: 'OnDemand',
      regions: '["us-central1","us-east1"]',
      geo_type: 'REGIONAL',
      effective_time: '2026-10-05T13:13:21.123456Z',
      state: expect.stringMatching(/^[0-9a-f]{32}$/),
      usage_unit: 'GiBy.mo',
      base_unit: 'By.s',
      base_unit_conversion_factor: '2875956179763200',
      display_quantity: '1',
      currency: 'USD',
      tier_start_amount: '5.5',
      unit_price: '12.020000001',
      aggregation_level: 'ACCOUNT',
      aggregation_interval: 'MONTHLY',
      aggregation_count: 1n,
    });
    expect(rows.map((row) => [row.sku_id, row.tier_start_amount, row.unit_price])).toEqual([
      ['E5F0-6A5D-7BAD', '0', '0'],
      ['E5F0-6A5D-7BAD', '5.5', '12.020000001'],
      ['AAAA-BBBB-CCCC', '0', '-1.75'],
    ]);
  });

  describe('given what Protocol Buffers leave out', () => {
    const answerSkus = (...skus: readonly string[]): void => {
      provider.answer = withToken((request) =>
        request.path === STORAGE_PATH ? { body: `{"skus":[${skus.join(',')}]}` } : catalog(request),
      );
    };
    const prices = async (): Promise<unknown[]> =>
      (await extract()).map((row) => [row.sku_id, row.tier_start_amount, row.unit_price, row.currency]);

    it.each([
      ['pricingInfo', '{"skuId":"0001-AAAA-0002","description":"No pricingInfo at all"}'],
      ['an element in pricingInfo', '{"skuId":"0001-AAAA-0002","pricingInfo":[]}'],
      [
        'tieredRates',
        '{"skuId":"0001-AAAA-0004","pricingInfo":[{"effectiveTime":"2026-11-30T12:00:00Z","pricingExpression":{"usageUnit":"h"}}]}',
      ],
      ['pricingExpression', '{"skuId":"0001-AAAA-0004","pricingInfo":[{"summary":""}]}'],
    ])('has no row of a SKU without %s, and all of the others', async (_what, sku) => {
      answerSkus(sku, DISCOUNT_SKU);

      expect(await prices()).toEqual([['AAAA-BBBB-CCCC', '0', '-1.75', 'USD']]);
    });

    it('takes absent numbers of a price for zero, and its currency for the one that was asked for', async () => {
      answerSkus(
        DISCOUNT_SKU.replace('{"unitPrice":{"currencyCode":"USD","units":"-1","nanos":-750000000}}', '{}'),
      );

      expect(await prices()).toEqual([['AAAA-BBBB-CCCC', '0', '0', 'USD']]);
    });

    it.each([
      ['{"units":"-9223372036854775808","nanos":-999999999}', '-9223372036854775808.999999999'],
      ['{"units":9223372036854775807,"nanos":1}', '9223372036854775807.000000001'],
      ['{"units":-1}', '-1'],
      ['{"nanos":-1}', '-0.000000001'],
      ['{"nanos":"500000000"}', '0.5'],
      ['{"units":1E+2,"nanos":7.5e8}', '100.75'],
      ['{"units":"1e2","nanos":0e5}', '100'],
      ['{"units":-0,"nanos":-0.0}', '0'],
    ])('reads the price %s as %s', async (price, decimal) => {
      answerSkus(DISCOUNT_SKU.replace('{"currencyCode":"USD","units":"-1","nanos":-750000000}', price));

      expect(await prices()).toEqual([['AAAA-BBBB-CCCC', '0', decimal, 'USD']]);
    });

    it('takes an absent count of aggregationInfo for zero', async () => {
      answerSkus(STORAGE_SKU.replace(',"aggregationCount":1', ''));

      expect((await extract()).map((row) => row.aggregation_count)).toEqual([0n, 0n]);
    });

    it('goes on after a page that has a token and no list', async () => {
      provider.answer = withToken((request) =>
        request.path === STORAGE_PATH && !request.query.has('pageToken')
          ? { body: '{"nextPageToken":"t1"}' }
          : catalog(request),
      );

      expect(await prices()).toEqual([['AAAA-BBBB-CCCC', '0', '-1.75', 'USD']]);
    });

    it('takes a last page with an empty token and no list for empty', async () => {
      provider.answer = withToken((request) =>
        request.path === STORAGE_PATH ? { body: '{"nextPageToken":""}' } : catalog(request),
      );

      expect(await prices()).toEqual([]);
    });

    it('loads a service without a display name', async () => {
      provider.answer = withToken((request) => {
        const reply = catalog(request) as { body: string };
        return { body: reply.body.replace('"displayName":"Cloud Storage",', '') };
      });

      expect((await extract()).map((row) => row.service_name)).toEqual(['', '', '']);
    });
  });

  it('refuses a service that is listed twice, as it would be on a page that comes in place of another', async () => {
    provider.answer = withToken((request) =>
      request.path !== '/v1/services'
        ? catalog(request)
        : request.query.has('pageToken')
          ? { body: SERVICES }
          : { body: SERVICES.replace('"nextPageToken":""', '"nextPageToken":"s1"') },
    );

    await expect(extract()).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(
        '$.services[0].serviceId should be a service that was not listed before',
      ),
    });
    expect(provider.requests.filter(({ path }) => path !== '/token' && path !== '/v1/services')).toEqual([]);
  });

  it('goes on after an empty page, and ends a walk of nothing but empty pages with an error', async () => {
    let emptyPages = 1;
    let given = 0;
    provider.answer = withToken((request) => {
      if (request.path !== STORAGE_PATH || given >= emptyPages) return catalog(request);
      return { body: `{"skus":[],"nextPageToken":"empty-${given++}"}` };
    });
    const afterOne = await extract();

    emptyPages = Infinity;
    given = 0;
    await expect(extract()).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining('$.skus should be an item at least'),
    });
    expect(afterOne.map((row) => row.sku_id)).toEqual(['AAAA-BBBB-CCCC']);
  });

  it('asks with one token, follows page tokens and takes {} for a service without SKUs', async () => {
    await extract({ currency_code: 'EUR' });

    expect(
      provider.requests.map(({ method, path, query }) => `${method} ${path}?${query.toString()}`),
    ).toEqual([
      'POST /token?',
      'GET /v1/services?pageSize=5000',
      `GET ${STORAGE_PATH}?currencyCode=EUR&pageSize=1000`,
      `GET ${STORAGE_PATH}?currencyCode=EUR&pageSize=1000&pageToken=t1`,
      `GET ${BIGQUERY_PATH}?currencyCode=EUR&pageSize=1000`,
      'GET /v1/services/0000-0000-0001/skus?currencyCode=EUR&pageSize=1000',
    ]);
    expect(provider.requests[1]!.headers.authorization).toBe('Bearer opaque.token_0123456789');
  });

  describe('after an earlier load', () => {
    /** A target that holds these rows. */
    const holding = (rows: readonly Row[], asked: string[] = []): TargetReader => ({
      engine: 'duckdb',
      describe: () =>
        Promise.resolve({
          reference: { dataset: 'acme_dev', table: 'gcp_pricing_catalog' },
          sqlName: '"acme_dev"."gcp_pricing_catalog"',
          columns: [{ path: 'state', type: 'VARCHAR', repeated: false }],
        }),
      read: ({ sql }) => {
        asked.push(sql);
        return Promise.resolve(
          rows.map(({ sku_id, state }) => ({ sku_id, state }) as Record<string, string>),
        );
      },
    });
    const changed = (from: string, to: string): void => {
      provider.answer = withToken((request) => {
        const reply = catalog(request) as { body: string };
        return { body: reply.body.replace(from, to) };
      });
    };

    it('yields nothing when nothing has changed, although the effective time has moved on', async () => {
      const loaded = await extract();
      const asked: string[] = [];
      changed('2026-10-05T13:13:21.123456789Z', '2026-10-06T13:13:21.5Z');

      expect(await extract({}, holding(loaded, asked))).toEqual([]);

      expect(asked).toEqual([
        expect.stringContaining(`FROM "acme_dev"."gcp_pricing_catalog" WHERE currency = 'USD'`),
      ]);
    });

    it.each([
      ['a price', '"nanos":20000001', '"nanos":20000002', '12.020000002'],
      ['the start of a tier', '"startUsageAmount":5.5', '"startUsageAmount":5.25', '12.020000001'],
      ['the name', '"Standard Storage US Regional"', '"Standard Storage Iowa"', '12.020000001'],
    ])('yields all tiers of a SKU of which %s has changed', async (_what, from, to, price) => {
      const loaded = await extract();
      changed(from, to);

      const rows = await extract({}, holding(loaded));

      expect(rows.map(({ sku_id, unit_price }) => [sku_id, unit_price])).toEqual([
        ['E5F0-6A5D-7BAD', '0'],
        ['E5F0-6A5D-7BAD', price],
      ]);
    });

    it('yields a SKU that is new', async () => {
      const [first, second] = await extract();

      const rows = await extract({}, holding([first!, second!]));

      expect(rows.map(({ sku_id }) => sku_id)).toEqual(['AAAA-BBBB-CCCC']);
    });
  });

  it('loads the chosen services alone', async () => {
    expect(await extract({ service_ids: ['24E6-581D-38E5'] })).toEqual([]);

    expect(provider.requests.map(({ path }) => path)).toEqual(['/token', '/v1/services', BIGQUERY_PATH]);
  });

  it('says which chosen service does not exist', async () => {
    await expect(extract({ service_ids: ['95FF-2EF5-5EA2'] })).rejects.toMatchObject({
      code: 'configuration_invalid',
      message:
        'processor.options.service_ids: the catalog has no service "95FF-2EF5-5EA2". Did you mean "95FF-2EF5-5EA1"?',
    });
  });

  it('refuses a SKU that comes back on another page', async () => {
    provider.answer = withToken((request) =>
      request.path === STORAGE_PATH && request.query.has('pageToken')
        ? { body: `{"skus":[${DISCOUNT_SKU},${STORAGE_SKU}]}` }
        : catalog(request),
    );

    await expect(extract()).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(
        '$.skus[1].skuId should be a SKU that the service has not listed before',
      ),
    });
  });

  it('refuses a page token that comes back', async () => {
    provider.answer = withToken((request) =>
      request.path === STORAGE_PATH ? { body: '{"skus":[],"nextPageToken":"t1"}' } : catalog(request),
    );

    await expect(extract()).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining('$.nextPageToken should be a cursor that was not given before'),
    });
  });

  it.each([
    ['"units":"12"', '"units":"twelve"', 'tieredRates[1].unitPrice.units should be a 64-bit integer'],
    [
      '"units":"12"',
      '"units":9223372036854775808',
      'tieredRates[1].unitPrice.units should be a 64-bit integer, found the number 9223372036854775808',
    ],
    ['"nanos":20000001', '"nanos":0.5', 'tieredRates[1].unitPrice.nanos should be a 64-bit integer'],
    [
      '"startUsageAmount":5.5',
      '"startUsageAmount":"many"',
      'tieredRates[1].startUsageAmount should be a decimal number',
    ],
    ['"usageUnit":"GiBy.mo",', '', 'usageUnit should be a string, found nothing'],
  ])('refuses a SKU with %s changed to "%s"', async (from, to, message) => {
    provider.answer = withToken((request) =>
      request.path === STORAGE_PATH
        ? { body: `{"skus":[${STORAGE_SKU.replace(from, to)}]}` }
        : catalog(request),
    );

    await expect(extract()).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(`$.skus[0].pricingInfo[0].pricingExpression.${message}`),
    });
  });

  it('refuses a time that is not UTC', async () => {
    provider.answer = withToken((request) =>
      request.path === STORAGE_PATH
        ? { body: `{"skus":[${STORAGE_SKU.replace('123456789Z', '123+02:00')}]}` }
        : catalog(request),
    );

    await expect(extract()).rejects.toThrow(
      '$.skus[0].pricingInfo[0].effectiveTime should be an instant in UTC',
    );
  });
});

describeProcessorContract('GcpBillingCatalogProcessor', {
  create: createProcessor,
  options: { currency_code: 'USD' },
  secret: SERVICE_ACCOUNT,
  window: { start: '2026-11-01', end: '2026-11-02' },
  asksForPage: ({ path }) => path.endsWith('/skus'),
  asLastPage: (body) => body.replace('"nextPageToken":"t1"', '"nextPageToken":""'),
  answer: withToken(catalog),
});
