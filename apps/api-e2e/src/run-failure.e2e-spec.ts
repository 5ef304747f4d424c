import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { ApiClient } from '@pipelines/service-driver';
import { clearFaults, injectFault } from './testing/sandbox-control.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';

const ORG = 'acme_corp';
const COSTS_PATH = '/openai/v1/organization/costs';
const WINDOW = { start_date: '2026-01-05', end_date: '2026-01-15' };
const TABLE = 'SELECT * FROM acme_corp_dev.openai_costs ORDER BY ALL';

describe('a run that cannot succeed', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  let api: ApiClient;
  let before: Record<string, string | null>[];

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({ OPENAI_BASE_URL: sandbox.endpoints.openai });
    api = await service.givenOrganization(ORG, { openai: sandbox.credentials.openai });
    await untilEnded(api, ORG, await startRun(api, ORG, 'openai/cost/costs_daily', WINDOW));
    before = await service.rows(TABLE);
  });

  afterEach(() => clearFaults(sandbox));

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  it.each([
    ['an answer cut off in the middle', { kind: 'truncate' }, 'provider_response_invalid', /not JSON/],
    ['a page of HTML with status 200', { kind: 'html' }, 'provider_response_invalid', /not JSON/],
    [
      'a cursor that repeats',
      { kind: 'repeat_cursor', times: 9 },
      'provider_response_invalid',
      /cursor|earlier bucket/,
    ],
    [
      'more pages without a cursor',
      { kind: 'missing_cursor', times: 9 },
      'provider_response_invalid',
      /next_page|cursor/,
    ],
    [
      'a row that the provider sends twice',
      { kind: 'repeat_row' },
      'duplicate_rows',
      /natural key: usage_date 2026-01-05, project_id /,
    ],
    [
      'a cursor that the provider refuses while days are missing',
      { kind: 'refused_cursor' },
      'provider_rejected_request',
      /The page token is invalid/,
    ],
    ['a revoked key', { kind: 'status', status: 401, times: 9 }, 'credential_rejected', /Store a valid one/],
    ['a refused request', { kind: 'status', status: 400, times: 9 }, 'provider_rejected_request', /HTTP 400/],
  ])('fails on %s, leaves the table as it was and frees its slot', async (_name, fault, code, message) => {
    await injectFault(sandbox, { path: COSTS_PATH, ...fault });

    const run = await untilEnded(api, ORG, await startRun(api, ORG, 'openai/cost/costs_daily', WINDOW));

    expect(run).toMatchObject({
      status: 'failed',
      receipt: null,
      error: { code, message: expect.stringMatching(message) },
    });
    expect(run.timestamps.failed).not.toBeNull();
    expect(await service.rows(TABLE)).toEqual(before);
    expect(await service.concurrentCount(ORG)).toBe(0);
  });

  it('gets over server errors and rate limits that pass', async () => {
    await injectFault(sandbox, { path: COSTS_PATH, kind: 'status', status: 500, times: 1 });
    await injectFault(sandbox, { path: COSTS_PATH, kind: 'status', status: 429, retry_after: 1, times: 1 });
    await injectFault(sandbox, { path: COSTS_PATH, kind: 'reset', times: 1 });

    const run = await untilEnded(api, ORG, await startRun(api, ORG, 'openai/cost/costs_daily', WINDOW));

    expect(run).toMatchObject({ status: 'completed', attempt: 1 });
    expect((await service.rows(TABLE)).length).toBe(before.length);
  });

  it('completes when every day has come, though the last page has a cursor that is refused', async () => {
    await injectFault(sandbox, { path: COSTS_PATH, kind: 'refused_cursor', after_requests: 1 });

    const run = await untilEnded(api, ORG, await startRun(api, ORG, 'openai/cost/costs_daily', WINDOW));

    expect(run).toMatchObject({ status: 'completed', attempt: 1 });
    expect((await service.rows(TABLE)).length).toBe(before.length);
  });

  it.each([
    ['asks for no wait', { retry_after: 0 }],
    ['names the end in another header', { reset_after: 2 }],
    ['names an end that is past', { reset_after: -60 }],
  ])('gets over a limit that %s within one attempt', async (_what, limit) => {
    await injectFault(sandbox, { path: COSTS_PATH, kind: 'status', status: 429, ...limit, times: 3 });

    const run = await untilEnded(api, ORG, await startRun(api, ORG, 'openai/cost/costs_daily', WINDOW));

    expect(run).toMatchObject({ status: 'completed', attempt: 1 });
    expect((await service.rows(TABLE)).length).toBe(before.length);
  });

  it('says which credential is missing and how to store it', async () => {
    const keyless = await service.givenOrganization('keyless');

    const run = await untilEnded(
      keyless,
      'keyless',
      await startRun(keyless, 'keyless', 'openai/cost/costs_daily'),
    );

    expect(run).toMatchObject({
      status: 'failed',
      error: {
        code: 'credential_missing',
        message: expect.stringMatching(/PUT \/api\/v1\/credentials\/keyless\/openai/),
      },
    });
    expect(run.timestamps.running).toBeNull();
    expect(await service.concurrentCount('keyless')).toBe(0);
  });

  it('never writes a secret to the log, the database or an answer', async () => {
    const wrong = 'sk-wrong-0123456789abcdefghijklmnop';
    const client = await service.givenOrganization('leaky', { openai: { api_key: wrong } });

    const run = await untilEnded(client, 'leaky', await startRun(client, 'leaky', 'openai/cost/costs_daily'));

    expect(run.error?.code).toBe('credential_rejected');
    const credentials = await service.database.dataSource.query<unknown[]>(
      'SELECT * FROM pipelines.credentials',
    );
    const runs = await service.database.dataSource.query<unknown[]>('SELECT * FROM pipelines.runs');
    const everything = service.output + JSON.stringify([run, credentials, runs]);
    expect(everything).toContain('leaky');
    expect(everything).not.toContain(wrong.slice(9));
    expect(everything).not.toContain(service.rootKey);
  });
});
