import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import { ApiClient } from '@pipelines/service-driver';
import { OpenApiDocument, type Operation } from './testing/openapi-document.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';

const ORG = 'acme_corp';
const COSTS = 'openai/cost/costs_daily';
const RUN = '/api/v1/pipelines/run/{org}/{provider}/{domain}/{pipeline}';
const PROBLEM = 'application/problem+json';
const PROBLEM_SCHEMA = { $ref: '#/components/schemas/ProblemView' };

describe('the OpenAPI document', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  let api: ApiClient;
  let document: OpenApiDocument;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({ OPENAI_BASE_URL: sandbox.endpoints.openai });
    api = await service.givenOrganization(ORG, { openai: sandbox.credentials.openai });
    document = await OpenApiDocument.read(service.baseUrl);
  });

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  const operation = (method: string, path: string): Operation => document.paths[path]![method]!;

  const successTypeOf = (name: string) => (name.endsWith('/metrics') ? 'text/plain' : 'application/json');

  it('describes the success and the refusals of every operation', () => {
    const operations = document.operations();

    expect(operations.length).toBeGreaterThanOrEqual(9);
    for (const [name, { responses }] of operations) {
      const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const refusals = Object.entries(responses).filter(([status]) => /^(4\d\d|default)$/.test(status));
      expect({ name, successes: successes.length > 0, refusals: refusals.length > 0 }).toEqual({
        name,
        successes: true,
        refusals: true,
      });
      for (const [status, { content }] of successes) {
        if (status === '204') expect(content).toBeUndefined();
        else expect(content).toEqual({ [successTypeOf(name)]: { schema: expect.anything() } });
      }
      for (const [, { content }] of refusals) {
        expect(content).toEqual({ [PROBLEM]: { schema: PROBLEM_SCHEMA } });
      }
    }
  });

  it('says which headers carry the key, and that either will do', () => {
    expect(document.components.securitySchemes).toMatchObject({
      'api-key': { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      bearer: { type: 'http', scheme: 'bearer' },
    });
    for (const [name, { security = [] }] of document.operations()) {
      const expected = name.includes('/health/') ? [] : [{ 'api-key': [] }, { bearer: [] }];
      expect([name, security]).toEqual([name, expected]);
    }
  });

  it('describes how a run is started', () => {
    const { requestBody, responses } = operation('post', RUN);

    expect(requestBody?.required).toBe(false);
    expect(responses['202']?.headers).toHaveProperty('Location');
    for (const status of ['429', '503']) {
      expect(responses[status]?.headers).toMatchObject({ 'Retry-After': { schema: { type: 'integer' } } });
    }
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['400', '401', '403', '404', '422', '429', '503']),
    );
  });

  it('counts in integers', () => {
    const limit = operation('get', '/api/v1/pipelines/history/{org}').parameters?.find(
      ({ name }) => name === 'limit',
    );
    const types = ['daily_limit', 'monthly_limit', 'concurrent_limit'].map(
      (name) => document.components.schemas.SubscriptionDto?.properties?.[name]?.type,
    );

    expect(limit?.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 200 });
    expect(types).toEqual(['integer', 'integer', 'integer']);
  });

  it('describes what is answered, field by field', async () => {
    const completed = await untilEnded(api, ORG, await startRun(api, ORG, COSTS, { date: '2026-01-05' }));
    const failed = await untilEnded(api, ORG, await startRun(api, ORG, 'gcp/api/pricing_catalog'));
    const days = { start_date: '2026-01-05', end_date: '2026-01-06' };
    const { backfill_id } = await api.call<{ backfill_id: string }>(
      'POST',
      `pipelines/backfill/${ORG}/${COSTS}`,
      days,
    );
    const answers: [ApiClient, string, string, string, object?][] = [
      [api, 'POST', RUN.replace('/run/', '/backfill/'), `pipelines/backfill/${ORG}/${COSTS}`, days],
      [api, 'GET', '/api/v1/pipelines/status/{org}/{run_id}', `pipelines/status/${ORG}/${backfill_id}`],
      [api, 'POST', RUN, `pipelines/run/${ORG}/${COSTS}`, { date: '2026-01-05' }],
      [api, 'GET', '/api/v1/pipelines/status/{org}/{run_id}', `pipelines/status/${ORG}/${completed.run_id}`],
      [api, 'GET', '/api/v1/pipelines/status/{org}/{run_id}', `pipelines/status/${ORG}/${failed.run_id}`],
      [api, 'GET', '/api/v1/pipelines/history/{org}', `pipelines/history/${ORG}?limit=1`],
      [api, 'GET', '/api/v1/pipelines/catalog/{org}', `pipelines/catalog/${ORG}`],
      [api, 'GET', '/api/v1/pipelines/catalog/{org}', 'pipelines/catalog/nobody'],
      [service.root, 'PUT', '/api/v1/organizations/{org}', `organizations/${ORG}`, { name: 'Acme' }],
      [
        service.root,
        'PUT',
        '/api/v1/organizations/{org}',
        `organizations/${ORG}`,
        { name: 'Acme', warehouse: { project: 'acme-billing', location: null } },
      ],
      [
        service.root,
        'POST',
        '/api/v1/organizations/{org}/keys',
        `organizations/${ORG}/keys`,
        { scopes: ['read'] },
      ],
      [new ApiClient(service.baseUrl), 'GET', '/api/v1/health/ready', 'health/ready'],
      [new ApiClient(service.baseUrl), 'GET', '/api/v1/health/live', 'health/live'],
    ];

    expect([completed.status, failed.status]).toEqual(['completed', 'failed']);
    for (const [client, method, path, url, sent] of answers) {
      const { status, headers, body } = await client.send(method, url, sent);
      const mediaType = headers.get('content-type')!.split(';', 1)[0]!;
      const described = operation(method.toLowerCase(), path).responses[status]?.content?.[mediaType]?.schema;
      expect([url, status, document.differences(body, described)]).toEqual([url, status, []]);
    }
  });
});
