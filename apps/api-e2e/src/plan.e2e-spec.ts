import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { ApiClient } from '@pipelines/service-driver';
import { injectFault } from './testing/sandbox-control.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';

const COSTS = 'openai/cost/costs_daily';

describe('the plan in an external Supabase database', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({ OPENAI_BASE_URL: sandbox.endpoints.openai });
  });

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  const organization = (org: string, limits: object = {}) =>
    service.givenOrganization(org, { openai: sandbox.credentials.openai }, limits);
  const post = (api: ApiClient, org: string) =>
    api.send('POST', `pipelines/run/${org}/${COSTS}`, { date: '2026-01-05' });

  it('counts from the next request on when it is changed there', async () => {
    const api = await organization('changing', { daily_limit: 0 });

    const refused = await post(api, 'changing');
    await service.setPlan('changing', { daily_limit: 1 });
    const accepted = await post(api, 'changing');
    await service.setPlan('changing', { status: 'past_due' });
    const inactive = await post(api, 'changing');

    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'quota_exceeded', limit: 'daily', allowed: 0, used: 0 },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(accepted.status).toBe(202);
    expect(inactive).toMatchObject({ status: 403, body: { code: 'subscription_inactive' } });
  });

  it('admits no more at once than it allows, and more when a run has ended', async () => {
    const api = await organization('busy', { status: 'Trial', concurrent_limit: 3 });
    await injectFault(sandbox, {
      path: '/openai/v1/organization/costs',
      kind: 'status',
      status: 429,
      retry_after: 2,
      times: 3,
    });

    const answers = await Promise.all(Array.from({ length: 20 }, () => post(api, 'busy')));

    const accepted = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 429);
    expect([accepted.length, refused.length]).toEqual([3, 17]);
    expect(refused[0]?.body).toMatchObject({ limit: 'concurrent', allowed: 3, used: 3, resets_at: null });
    await Promise.all(accepted.map(({ body }) => untilEnded(api, 'busy', body.run_id as string)));
    expect(await service.concurrentCount('busy')).toBe(0);
    expect((await post(api, 'busy')).status).toBe(202);
  });

  it.each([
    ['limits that are lowered below what is used', 'lowered', 'daily_limit = 1, monthly_limit = 1', 429],
    ['a concurrent limit that is lowered below what is used', 'narrowed', 'concurrent_limit = 1', 429],
    ['a subscription that is switched to inactive', 'switched_off', `status = 'canceled'`, 403],
    ['a trial that ends', 'tried', `status = 'TRIAL', trial_ends_at = now()`, 403],
  ])('lets runs under way finish, and refuses new ones, after %s', async (_what, org, change, refusal) => {
    const api = await organization(org);
    const fault = { path: '/openai/v1/organization/costs', kind: 'status', status: 429, retry_after: 2 };
    await injectFault(sandbox, { ...fault, times: 2 });
    const runs = [
      await startRun(api, org, COSTS, { date: '2026-01-05' }),
      await startRun(api, org, COSTS, { date: '2026-01-06' }),
    ];

    await service.database.dataSource.query(
      `UPDATE public.subscription_limits SET ${change} WHERE org_slug = $1`,
      [org],
    );
    const refused = await post(api, org);

    expect(refused.status).toBe(refusal);
    expect(await service.concurrentCount(org)).toBe(2);
    const ended = await Promise.all(runs.map((runId) => untilEnded(api, org, runId)));
    expect(ended.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(await service.concurrentCount(org)).toBe(0);
  });

  it('is not to be changed here', async () => {
    const answer = await service.root.send('PUT', 'organizations/elsewhere', {
      name: 'Elsewhere',
      subscription: { status: 'ACTIVE' },
    });

    expect(answer).toMatchObject({ status: 409, body: { code: 'plan_managed_by_supabase' } });
    expect((await service.root.send('GET', 'pipelines/history/elsewhere')).status).toBe(404);
  });

  it('refuses an organization without a row', async () => {
    const api = await organization('rowless');
    await service.database.dataSource.query(
      `DELETE FROM public.subscription_limits WHERE org_slug = 'rowless'`,
    );

    expect(await post(api, 'rowless')).toMatchObject({
      status: 403,
      body: { code: 'subscription_inactive' },
    });
  });

  it('answers 503 while it cannot be read, and admits nothing', async () => {
    const api = await organization('unreadable');
    await service.database.dataSource.query('ALTER TABLE public.subscription_limits RENAME TO hidden');
    try {
      const answer = await post(api, 'unreadable');

      expect(answer).toMatchObject({ status: 503, body: { code: 'plan_unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('5');
    } finally {
      await service.database.dataSource.query('ALTER TABLE public.hidden RENAME TO subscription_limits');
    }
    expect(await service.concurrentCount('unreadable')).toBe(0);
  });

  it('is asked for each organization by itself: no key sees another organization', async () => {
    const mine = await organization('mine');
    const theirs = await organization('theirs');
    const runId = await startRun(theirs, 'theirs', COSTS, { date: '2026-01-05' });
    await untilEnded(theirs, 'theirs', runId);

    for (const path of [`status/theirs/${runId}`, 'history/theirs', 'catalog/theirs']) {
      expect(await mine.send('GET', `pipelines/${path}`)).toMatchObject({
        status: 404,
        body: { code: 'organization_not_found' },
      });
    }
    expect(await mine.send('GET', `pipelines/status/mine/${runId}`)).toMatchObject({
      status: 404,
      body: { code: 'run_not_found' },
    });
    expect(await post(mine, 'theirs')).toMatchObject({
      status: 404,
      body: { code: 'organization_not_found' },
    });
  });
});
