import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '../../index.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

interface Sku {
  readonly skuId: string;
  readonly pricingInfo?: readonly {
    readonly pricingExpression: {
      readonly tieredRates?: readonly {
        readonly unitPrice: { readonly units?: string; readonly nanos?: number };
      }[];
    };
  }[];
}

interface SkuPage {
  readonly skus?: readonly Sku[];
  readonly nextPageToken?: string;
}

const SKUS = 'services/6F81-5844-456A/skus';

describe('provider sandbox: Google Cloud', () => {
  let sandbox: ProviderSandbox;
  let token: string;

  const now = (): number => Math.floor(Date.now() / 1000);
  const assertion = (claims: object = {}, header: object = {}): string => {
    const whole = {
      iss: sandbox.credentials.gcp.client_email,
      scope: 'https://www.googleapis.com/auth/cloud-billing.readonly',
      aud: sandbox.endpoints.gcpToken,
      iat: now(),
      exp: now() + 3600,
      ...claims,
    };
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    return `${encode({ alg: 'RS256', typ: 'JWT', ...header })}.${encode(whole)}.c2lnbmF0dXJl`;
  };
  const exchange = (form: Record<string, string>): Promise<Response> =>
    fetch(sandbox.endpoints.gcpToken, { method: 'POST', body: new URLSearchParams(form) });
  const get = (path: string, bearer = token): Promise<Response> =>
    fetch(`${sandbox.endpoints.gcpBillingCatalog}/${path}`, {
      headers: { authorization: `Bearer ${bearer}` },
    });

  beforeAll(async () => {
    sandbox = await startProviderSandbox({ seed: 'spec' });
    const answer = await exchange({ grant_type: JWT_BEARER, assertion: assertion() });
    token = ((await answer.json()) as { access_token: string }).access_token;
  });

  afterAll(() => sandbox.close());

  it.each([
    ['another grant', { grant_type: 'password' }, {}, {}, 'unsupported_grant_type'],
    ['an expired assertion', {}, { iat: 1, exp: 3601 }, {}, 'invalid_grant'],
    ['an assertion of the future', {}, { iat: 4e9, exp: 4e9 + 10 }, {}, 'invalid_grant'],
    ['an assertion that lives too long', {}, { exp: 4e9 }, {}, 'invalid_grant'],
    ['a symmetric signature', {}, {}, { alg: 'HS256' }, 'invalid_grant'],
    ['an issuer that is no service account', {}, { iss: 'someone@gmail.com' }, {}, 'invalid_grant'],
    ['a missing scope', {}, { scope: undefined }, {}, 'invalid_grant'],
    ['a text that is no JWT', { assertion: 'a.b' }, {}, {}, 'invalid_grant'],
  ])('refuses %s', async (_kind, form, claims, header, error) => {
    const answer = await exchange({ grant_type: JWT_BEARER, assertion: assertion(claims, header), ...form });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error });
  });

  it.each(['', 'ya29.sandbox-9999999999-forged'])('refuses the access token %j', async (bearer) => {
    const answer = await get('services', bearer);

    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
  });

  it.each([
    ['pageSize=5001', 'services?pageSize=5001', 400],
    ['pageSize=0', 'services?pageSize=0', 400],
    ['a parameter that it lacks', 'services?page_size=10', 400],
    ['a start without an end', `${SKUS}?startTime=2026-10-01T07:00:00Z`, 400],
    ['an end without a start', `${SKUS}?endTime=2026-11-01T07:00:00Z`, 400],
    [
      'a span of two months in Los Angeles',
      `${SKUS}?startTime=2026-10-01T00:00:00Z&endTime=2026-11-01T00:00:00Z`,
      400,
    ],
    [
      'a span that ends before it starts',
      `${SKUS}?startTime=2026-10-02T07:00:00Z&endTime=2026-10-01T07:00:00Z`,
      400,
    ],
    ['an unknown currency', 'services/6F81-5844-456A/skus?currencyCode=XXX', 400],
    ['a page token of another list', 'services?pageToken=AAAA', 400],
    ['an unknown service', 'services/0000-0000-0000/skus', 404],
  ])('refuses %s', async (_kind, path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  it('takes a span within one month in Los Angeles', async () => {
    const span = 'startTime=2026-10-01T07:00:00Z&endTime=2026-11-01T07:00:00Z';

    expect((await get(`${SKUS}?${span}`)).status).toBe(200);
  });

  it('answers {} for a service that sells nothing', async () => {
    expect(await (await get('services/17D8-7C4B-1B2F/skus')).text()).toBe('{}');
  });

  it('pages through all it sells, and adds up to its truth', async () => {
    const services: string[] = [];
    for (let pageToken = '', more = true; more; more = pageToken !== '') {
      const page = (await (await get(`services?pageToken=${pageToken}`)).json()) as {
        services: { serviceId: string }[];
        nextPageToken?: string;
      };
      services.push(...page.services.map(({ serviceId }) => serviceId));
      pageToken = page.nextPageToken ?? '';
    }

    const skus: Sku[] = [];
    for (const id of services) {
      for (let pageToken = '', more = true; more; more = pageToken !== '') {
        const page = (await (await get(`services/${id}/skus?pageToken=${pageToken}`)).json()) as SkuPage;
        skus.push(...(page.skus ?? []));
        pageToken = page.nextPageToken ?? '';
      }
    }

    const ratesOf = ({ pricingInfo = [] }: Sku) =>
      pricingInfo.flatMap(({ pricingExpression }) => pricingExpression.tieredRates ?? []);
    const prices = skus
      .flatMap(ratesOf)
      .map(({ unitPrice: { units = '0', nanos = 0 } }) => BigInt(units) * 10n ** 9n + BigInt(nanos));
    const sum = prices.reduce((total, price) => total + price, 0n);
    const truth = (await (await fetch(`${sandbox.url}/_sandbox/truth/gcp/catalog`)).json()) as Record<
      string,
      unknown
    >;
    expect(truth).toMatchObject({ currency: 'USD', services: 9, skus: 150, unpriced_skus: 16, rows: 215 });
    expect([
      services.length,
      skus.filter((sku) => ratesOf(sku).length > 0).length,
      skus.filter(({ pricingInfo }) => pricingInfo === undefined).length,
      new Set(skus.map(({ skuId }) => skuId)).size,
      prices.length,
    ]).toEqual([9, 150, 8, 166, 215]);
    expect(truth.unit_price).toBe(
      `${sum / 10n ** 9n}.${String(sum % 10n ** 9n).padStart(9, '0')}`.replace(/0+$/, ''),
    );
  });

  it('asks more in other currencies', async () => {
    const text = await (await get('services/24E6-581D-38E5/skus?currencyCode=JPY')).text();

    expect(text).toContain('"currencyCode":"JPY"');
    expect(text).toContain('"currencyConversionRate":149.5');
  });

  it('writes doubles with an exponent, as the real API does', async () => {
    expect(await (await get('services/24E6-581D-38E5/skus')).text()).toContain(
      '"baseUnitConversionFactor":1.099511627776E12',
    );
  });
});
