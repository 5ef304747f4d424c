import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiClient } from '@pipelines/service-driver';
import { TestService } from './testing/test-service.ts';

const ORG = 'acme_corp';
const TODAY = '2028-02-28';
const TOMORROW = '2028-02-29';
const RUN = `pipelines/run/${ORG}`;
const VALID_CONFIG = `pipeline:
  name: NAME
  provider: openai
  domain: cost
processor:
  class: OpenAiCostsProcessor
  module: '@pipelines/processors-openai'
target:
  dataset: '{{org_slug}}_{{env}}'
  table: openai_costs
`;

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly problems?: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
}

describe('bad input', () => {
  let service: TestService;
  let api: ApiClient;

  beforeAll(async () => {
    service = await TestService.start({ OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' });
    await givenConfig('wrong_class', (yaml) => yaml.replace('OpenAiCostsProcessor', 'OpenAICostProcessor'));
    await givenConfig('wrong_variable', (yaml) => yaml.replace('{{env}}', '{{environment}}'));
    await givenConfig('not_yaml', (yaml) => yaml.replace('  domain: cost', '  domain: [cost'));
    await givenConfig('unknown_field', (yaml) => `${yaml}retries: 3\n`);
    await service.database.setClock(`${TODAY}T12:00:00Z`);
    await service.restart();
    api = await service.givenOrganization(ORG);
    await service.givenOrganization('other_corp');
  });

  afterAll(() => service.stop());

  async function givenConfig(name: string, change: (yaml: string) => string): Promise<void> {
    const path = join(service.configsDirectory, 'openai', 'cost', `${name}.yml`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, change(VALID_CONFIG.replace('NAME', name)));
  }

  async function nothingWritten(): Promise<void> {
    const [row] = await service.database.dataSource.query<{ runs: string; jobs: string; used: string }[]>(
      `SELECT (SELECT count(*) FROM pipelines.runs) AS runs, (SELECT count(*) FROM pgboss.job WHERE name = 'runs') AS jobs,
         (SELECT sum(daily_count + concurrent_count) FROM pipelines.usage_counters) AS used`,
    );
    expect(row).toEqual({ runs: '0', jobs: '0', used: '0' });
  }

  const costs = `${RUN}/openai/cost/costs_daily`;

  it.each<[string, string, string, object | string | undefined, number, string, RegExp]>([
    [
      'an unknown pipeline',
      'POST',
      `${RUN}/openai/cost/costs_dayly`,
      undefined,
      404,
      'pipeline_not_found',
      /costs_daily/,
    ],
    [
      'another organization',
      'POST',
      'pipelines/run/other_corp/openai/cost/costs_daily',
      undefined,
      404,
      'organization_not_found',
      /other_corp/,
    ],
    [
      'an unknown organization',
      'GET',
      'pipelines/history/nobody',
      undefined,
      404,
      'organization_not_found',
      /nobody/,
    ],
    [
      'an upper-case organization',
      'GET',
      'pipelines/history/ACME',
      undefined,
      400,
      'invalid_path_segment',
      /lower-case/,
    ],
    [
      'an upper-case pipeline',
      'POST',
      `${RUN}/openai/cost/Costs_Daily`,
      undefined,
      400,
      'invalid_path_segment',
      /Costs_Daily/,
    ],
    [
      'an encoded slash',
      'POST',
      `${RUN}/openai/cost/..%2Fcost%2Fcosts_daily`,
      undefined,
      400,
      'invalid_path_segment',
      /\.\./,
    ],
    [
      'an encoded slash in the organization',
      'GET',
      'pipelines/history/acme_corp%2F..%2Fother_corp',
      undefined,
      400,
      'invalid_path_segment',
      /organization slug/,
    ],
    ['junk instead of JSON', 'POST', costs, '{"date": ', 400, 'invalid_json', /not JSON/],
    ['an array', 'POST', costs, '["2026-01-01"]', 400, 'invalid_json', /must be a JSON object/],
    ['an unknown field', 'POST', costs, { day: '2026-01-01' }, 400, 'validation_failed', /day/],
    [
      'a number for a date',
      'POST',
      costs,
      { date: 20260101 },
      400,
      'validation_failed',
      /date must be a string/,
    ],
    ['a day that does not exist', 'POST', costs, { date: '2026-02-30' }, 400, 'invalid_date', /2026-02-30/],
    ['a day in the future', 'POST', costs, { date: TOMORROW }, 400, 'date_in_future', new RegExp(TODAY)],
    [
      'a reversed window',
      'POST',
      costs,
      { start_date: '2026-01-02', end_date: '2026-01-01' },
      400,
      'window_reversed',
      /exclusive/,
    ],
    [
      'half a window',
      'POST',
      costs,
      { start_date: '2026-01-02' },
      400,
      'validation_failed',
      /end_date is missing/,
    ],
    ['a body of 100 KiB', 'POST', costs, { date: 'x'.repeat(100_000) }, 413, 'payload_too_large', /64 KiB/],
    ['a run id that is none', 'GET', `pipelines/status/${ORG}/1`, undefined, 404, 'run_not_found', /"1"/],
    [
      'a run that is not there',
      'GET',
      `pipelines/status/${ORG}/019a0000-0000-7000-8000-000000000001`,
      undefined,
      404,
      'run_not_found',
      /019a0000/,
    ],
    [
      'a limit out of range',
      'GET',
      `pipelines/history/${ORG}?limit=1000`,
      undefined,
      400,
      'validation_failed',
      /limit/,
    ],
    [
      'a cursor of somebody else',
      'GET',
      `pipelines/history/${ORG}?cursor=abc`,
      undefined,
      400,
      'invalid_cursor',
      /next_cursor/,
    ],
    [
      'a status that does not exist',
      'GET',
      `pipelines/history/${ORG}?status=done`,
      undefined,
      400,
      'validation_failed',
      /status/,
    ],
    ['a % that begins no escape', 'GET', '%zz', undefined, 400, 'invalid_path_segment', /escape/],
    [
      'a segment of 200 characters',
      'GET',
      `pipelines/history/${'a'.repeat(200)}`,
      undefined,
      400,
      'invalid_path_segment',
      /too long/,
    ],
    ['a path that is no endpoint', 'GET', 'pipelines/nothing', undefined, 404, 'route_not_found', /\/docs/],
    [
      'administration with an organization key',
      'PUT',
      `organizations/${ORG}`,
      { name: 'x' },
      403,
      'root_key_required',
      /root key/,
    ],
    [
      'a configuration naming an unknown class',
      'POST',
      `${RUN}/openai/cost/wrong_class`,
      undefined,
      422,
      'pipeline_invalid',
      /wrong_class/,
    ],
  ])('%s is refused with its own message', async (_name, method, path, body, status, code, detail) => {
    const answer = await api.send<Problem>(method, path, body);

    expect(answer).toMatchObject({ status, body: { code, status, detail: expect.stringMatching(detail) } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    await nothingWritten();
  });

  it.each([
    ['wrong_class', 6, 10, /OpenAICostProcessor.*Did you mean "OpenAiCostsProcessor"/],
    ['wrong_variable', 9, 26, /environment.*\{\{org_slug\}\}, \{\{env\}\}/],
    ['not_yaml', 5, 1, /./],
    ['unknown_field', 11, 1, /retries/],
  ])('a configuration with %s is listed with its place, and refused', async (name, line, column, message) => {
    const { pipelines } = await api.call<{
      pipelines: { pipeline: string; problems: Problem['problems'] }[];
    }>('GET', `pipelines/catalog/${ORG}`);
    const listed = pipelines.find(({ pipeline }) => pipeline === name);
    const refused = await api.send<Problem>('POST', `${RUN}/openai/cost/${name}`);

    expect(listed?.problems?.[0]).toMatchObject({
      file: `openai/cost/${name}.yml`,
      message: expect.stringMatching(message),
    });
    expect([listed?.problems?.[0]?.line, listed?.problems?.[0]?.column]).toEqual([line, column]);
    expect(refused).toMatchObject({ status: 422, body: { code: 'pipeline_invalid' } });
    expect(refused.body.problems).toEqual(listed?.problems);
    expect(pipelines.find(({ pipeline }) => pipeline === 'costs_daily')).toMatchObject({ problems: [] });
    await nothingWritten();
  });

  it('answers nobody without a key, with a wrong one, or with one that was cut', async () => {
    const path = `pipelines/history/${ORG}`;
    const without = await new ApiClient(service.baseUrl).send<Problem>('GET', path);
    const wrong = await new ApiClient(service.baseUrl, `pk_00000000_${'a'.repeat(43)}`).send<Problem>(
      'GET',
      path,
    );

    expect(without).toMatchObject({ status: 401, body: { code: 'api_key_missing' } });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'api_key_invalid' } });
  });

  it('refuses dots in the path as they are', async () => {
    const raw = await rawPost(
      service.baseUrl,
      `/api/v1/pipelines/run/${ORG}/openai/cost/..`,
      service.rootKey,
    );
    const deep = await rawPost(
      service.baseUrl,
      `/api/v1/pipelines/run/${ORG}/../../../etc/passwd`,
      service.rootKey,
    );

    expect(raw).toMatchObject({ status: 400, body: { code: 'invalid_path_segment' } });
    expect(deep.status).toBe(404);
    await nothingWritten();
  });

  it.each([
    ['a name', { name: 'a\u0000b' }, /"name" holds the character U\+0000/],
    ['a nested text', { name: 'a', subscription: { status: '\u0000' } }, /"status" holds/],
    ['the name of a field', { name: 'a', 'x\u0000': 1 }, /U\+0000/],
  ])('refuses U+0000 in %s', async (_name, body, detail) => {
    const answer = await service.root.send<Problem>('PUT', `organizations/${ORG}`, body);

    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', detail: expect.stringMatching(detail) },
    });
  });

  it.each([
    ['no project', { project: 'Acme`' }, /warehouse\.project must be the id of a Google Cloud project/],
    ['no location', { location: 'europe west' }, /warehouse\.location must be a location of BigQuery/],
    ['an unknown field', { dataset: 'x' }, /warehouse\.property dataset should not exist/],
  ])('refuses %s as the place of an organization', async (_name, warehouse, detail) => {
    const answer = await service.root.send<Problem>('PUT', `organizations/${ORG}`, { name: 'a', warehouse });

    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', detail: expect.stringMatching(detail) },
    });
  });

  it('refuses headers that are too large as a problem, too', async () => {
    const { status, body, contentType } = await rawPost(service.baseUrl, '/api/v1/', 'k'.repeat(20_000));

    expect({ status, contentType }).toEqual({ status: 431, contentType: 'application/problem+json' });
    expect(body).toMatchObject({ type: 'about:blank', status: 431, detail: expect.stringMatching(/16 KiB/) });
  });

  it.each([
    ['a malformed secret', { secret: {} }, 400, 'credential_malformed', /api_key/],
    [
      'a project key',
      { secret: { api_key: 'sk-proj-abcdefghijklmnop' } },
      400,
      'credential_malformed',
      /admin key/,
    ],
    ['no secret', {}, 400, 'validation_failed', /secret/],
  ])('refuses to store %s', async (_name, body, status, code, detail) => {
    const answer = await service.root.send<Problem>('PUT', `credentials/${ORG}/openai`, body);

    expect(answer).toMatchObject({ status, body: { code, detail: expect.stringMatching(detail) } });
    expect(JSON.stringify(answer.body)).not.toContain('abcdefghijklmnop');
  });

  it('refuses a credential for an organization that is not there', async () => {
    const answer = await service.root.send<Problem>('PUT', 'credentials/nobody/openai', { secret: {} });

    expect(answer).toMatchObject({ status: 404, body: { code: 'organization_not_found' } });
  });

  it('refuses a credential for a provider that is not installed', async () => {
    const answer = await service.root.send<Problem>('PUT', `credentials/${ORG}/opnai`, { secret: {} });

    expect(answer).toMatchObject({
      status: 404,
      body: { code: 'provider_not_found', detail: expect.stringMatching(/openai/) },
    });
  });
});

/** Sends a path that `fetch` would tidy up before sending. */
function rawPost(
  baseUrl: string,
  path: string,
  key: string,
): Promise<{ status: number; contentType?: string; body: Problem }> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method: 'POST', headers: { 'x-api-key': key } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          contentType: response.headers['content-type'],
          body: JSON.parse(text) as Problem,
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}
