import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { clearFaults, injectFault, untilRequested } from './testing/sandbox-control.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';

const COSTS = 'openai/cost/costs_daily';
const COSTS_PATH = '/openai/v1/organization/costs';

describe('control over runs', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({ OPENAI_BASE_URL: sandbox.endpoints.openai, WORKER_CONCURRENCY: '1' });
  });

  afterEach(() => clearFaults(sandbox));

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  const organization = (org: string, limits: object = {}) =>
    service.givenOrganization(org, { openai: sandbox.credentials.openai }, limits);

  /** A run that hangs in the provider's answer, and so keeps the one slot of the worker. */
  async function givenHangingRun(api: ApiClient, org: string, date: string): Promise<string> {
    await injectFault(sandbox, { path: COSTS_PATH, kind: 'hang', times: 1 });
    const runId = await startRun(api, org, COSTS, { date });
    await untilRequested(sandbox, COSTS_PATH, `start_time=${Date.parse(date) / 1000}`);
    return runId;
  }

  it('gives the same run back for the same Idempotency-Key, and refuses the key for another request', async () => {
    const api = await organization('idempotent', { daily_limit: 1 });
    const send = (date: string) =>
      api.send('POST', `pipelines/run/idempotent/${COSTS}`, { date }, { 'idempotency-key': 'order-1' });

    const first = await send('2026-01-05');
    const again = await send('2026-01-05');
    const other = await send('2026-01-06');

    expect(first.status).toBe(202);
    expect(first.headers.get('idempotent-replay')).toBeNull();
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect(again.body.run_id).toBe(first.body.run_id);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    for (const { headers } of [first, again, other]) {
      expect(headers.get('ratelimit')).toMatch(/^"daily";r=0;t=\d+$/);
    }
    await untilEnded(api, 'idempotent', first.body.run_id as string);
  });

  it('states the limits with every answer to a run request, and by themselves', async () => {
    const api = await organization('limited', { daily_limit: 1, concurrent_limit: 5 });

    const accepted = await api.send('POST', `pipelines/run/limited/${COSTS}`, { date: '2026-01-05' });
    const refused = await api.send('POST', `pipelines/run/limited/${COSTS}`, { date: '2026-01-05' });
    const unknown = await api.send('POST', 'pipelines/run/limited/openai/cost/nothing');
    await service.setPlan('limited', { status: 'CANCELED', daily_limit: 1, concurrent_limit: 5 });
    const inactive = await api.send('POST', `pipelines/run/limited/${COSTS}`, { date: '2026-01-05' });
    await service.setPlan('limited', { status: 'ACTIVE', daily_limit: 1, concurrent_limit: 5 });
    await untilEnded(api, 'limited', accepted.body.run_id as string);
    const quota = await api.send('GET', 'quota/limited');

    expect(accepted.headers.get('ratelimit-policy')).toBe('"daily";q=1;w=86400, "concurrent";q=5');
    expect(accepted.headers.get('ratelimit')).toMatch(/^"daily";r=0;t=\d+, "concurrent";r=4$/);
    expect([refused.status, unknown.status, inactive.status]).toEqual([429, 404, 403]);
    for (const { headers } of [refused, unknown, inactive]) {
      expect(headers.get('ratelimit')).toMatch(/^"daily";r=0;t=\d+, "concurrent";r=\d$/);
    }
    expect(quota).toMatchObject({
      status: 200,
      body: {
        org: 'limited',
        subscription_status: 'ACTIVE',
        limits: [
          {
            name: 'daily',
            allowed: 1,
            used: 1,
            remaining: 0,
            resets_at: expect.stringMatching(/T00:00:00.000Z$/),
          },
          { name: 'monthly', allowed: null, used: 1, remaining: null },
          { name: 'concurrent', allowed: 5, used: 0, remaining: 5, resets_at: null },
        ],
      },
    });
  });

  it('says what a run would do without doing it', async () => {
    const api = await organization('dry', { daily_limit: 0 });

    const answer = await api.send('POST', `pipelines/run/dry/${COSTS}?dry_run=true`, { date: '2026-01-05' });

    expect(answer).toMatchObject({
      status: 200,
      body: {
        would_admit: false,
        refusal: { code: 'quota_exceeded', limit: 'daily' },
        window: { start: '2026-01-05', end: '2026-01-06' },
        target: { dataset: 'dry_dev', table: 'openai_costs', write_disposition: 'replace_partitions' },
      },
    });
    await service.setPlan('dry', { daily_limit: 1 });
    const allowed = await api.send('POST', `pipelines/run/dry/${COSTS}?dry_run=true`);
    expect(allowed).toMatchObject({
      status: 200,
      body: {
        would_admit: true,
        refusal: null,
        limits: [
          { name: 'daily', allowed: 1, used: 0, remaining: 1 },
          { name: 'monthly' },
          { name: 'concurrent' },
        ],
      },
    });
    expect(allowed.headers.get('ratelimit')).toMatch(/^"daily";r=1;t=\d+$/);
    const { runs } = await api.call<{ runs: RunStatus[] }>('GET', 'pipelines/history/dry');
    expect(runs).toEqual([]);
  });

  it('cancels a waiting run at once and a running one within five seconds, and runs both again', async () => {
    const api = await organization('cancelling');
    const running = await givenHangingRun(api, 'cancelling', '2026-01-07');
    const waiting = await startRun(api, 'cancelling', COSTS, { date: '2026-01-08' });

    const cancelledWaiting = await api.send('POST', `pipelines/cancel/cancelling/${waiting}`);
    expect(cancelledWaiting).toMatchObject({
      status: 202,
      body: { status: 'failed', error: { code: 'cancelled' } },
    });

    const requestedAt = Date.now();
    const cancelledRunning = await api.send('POST', `pipelines/cancel/cancelling/${running}`);
    expect(cancelledRunning.status).toBe(202);
    const ended = await untilEnded(api, 'cancelling', running);
    expect(Date.now() - requestedAt).toBeLessThan(5_000);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'cancelled' } });
    expect(await service.concurrentCount('cancelling')).toBe(0);

    expect(await api.send('POST', `pipelines/cancel/cancelling/${running}`)).toMatchObject({
      status: 409,
      body: { code: 'run_ended' },
    });
    const retried = await api.send('POST', `pipelines/retry/cancelling/${running}`);
    expect(retried).toMatchObject({
      status: 202,
      body: { window: { start: '2026-01-07', end: '2026-01-08' } },
    });
    const again = await untilEnded(api, 'cancelling', retried.body.run_id as string);
    expect(again).toMatchObject({ status: 'completed', retry_of: running });
  });

  it("does not run a run again that has not ended, nor another organization's", async () => {
    const api = await organization('patient');
    const other = await organization('other_corp');
    const runId = await givenHangingRun(api, 'patient', '2026-01-09');

    expect(await api.send('POST', `pipelines/retry/patient/${runId}`)).toMatchObject({
      status: 409,
      body: { code: 'run_not_ended' },
    });
    expect(await other.send('POST', `pipelines/cancel/other_corp/${runId}`)).toMatchObject({
      status: 404,
      body: { code: 'run_not_found' },
    });
    await api.call('POST', `pipelines/cancel/patient/${runId}`);
    await untilEnded(api, 'patient', runId);
  });
});
