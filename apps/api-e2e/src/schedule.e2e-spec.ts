import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import { ApiClient, until, type RunStatus, type ServiceProcess } from '@pipelines/service-driver';
import { TestService } from './testing/test-service.ts';
import { startBeside } from './testing/test-worker.ts';
import { untilEnded } from './testing/until-ended.ts';

const COSTS = 'openai/api/usage_completions';
const OCCURRENCE_DEADLINE_MS = 90_000;

interface Schedule {
  readonly enabled: boolean;
  readonly cron: string;
  readonly next_due_at: string | null;
  readonly occurrences: readonly {
    readonly due_at: string;
    readonly window: { readonly start: string };
    readonly run_id: string | null;
    readonly missed: { readonly code: string; readonly retry_at: string | null } | null;
  }[];
}

describe('a schedule', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  let beside: ServiceProcess;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({ OPENAI_BASE_URL: sandbox.endpoints.openai });
    await appendFile(join(service.configsDirectory, `${COSTS}.yml`), "\nschedule:\n  cron: '* * * * *'\n");
    // The next minute of the service's clock begins soon after its start.
    await service.database.dataSource.query(`
      DO $$ BEGIN EXECUTE format(
        'CREATE OR REPLACE FUNCTION pipelines.utc_now() RETURNS timestamptz LANGUAGE sql STABLE AS
           ''SELECT now() + interval ''''%s seconds''''''', 48 - extract(second FROM now()));
      END $$`);
    await service.restart();
    beside = await startBeside(service, 'api', 'second-api');
  }, 60_000);

  afterAll(async () => {
    await beside.stop();
    await service.stop();
    await sandbox.close();
  });

  const path = (org: string) => `schedules/${org}/${COSTS}`;

  it(
    'starts one run per occurrence with two processes, and records one that the plan refused',
    async () => {
      const api = await service.givenOrganization('punctual', { openai: sandbox.credentials.openai });
      const refused = await service.givenOrganization('refused', {}, { daily_limit: 0 });
      expect(await api.call<Schedule>('GET', path('punctual'))).toMatchObject({
        enabled: false,
        cron: '* * * * *',
        next_due_at: null,
        occurrences: [],
      });

      const on = await api.call<Schedule>('PUT', path('punctual'), { enabled: true });
      await refused.call('PUT', path('refused'), { enabled: true });
      expect(on.enabled).toBe(true);

      await until('both schedules were due', OCCURRENCE_DEADLINE_MS, async () => {
        const both = [
          await api.call<Schedule>('GET', path('punctual')),
          await refused.call<Schedule>('GET', path('refused')),
        ];
        return both.every(({ occurrences }) => occurrences.length > 0);
      });

      const off = await api.call<Schedule>('PUT', path('punctual'), { enabled: false });
      expect(off).toMatchObject({ enabled: false, next_due_at: null });
      const { runs } = await api.call<{ runs: RunStatus[] }>('GET', 'pipelines/history/punctual');
      expect(runs.map(({ run_id }) => run_id)).toEqual(off.occurrences.map(({ run_id }) => run_id));
      expect(off.occurrences.at(-1)!.due_at).toBe(on.next_due_at);
      const ended = await untilEnded(api, 'punctual', runs.at(-1)!.run_id);
      expect(ended).toMatchObject({
        status: 'completed',
        window: { start: off.occurrences.at(-1)!.window.start },
      });

      const missed = await refused.call<Schedule>('PUT', path('refused'), { enabled: false });
      expect(missed.occurrences.at(-1)).toMatchObject({ run_id: null, missed: { code: 'quota_exceeded' } });
    },
    OCCURRENCE_DEADLINE_MS + 30_000,
  );

  it('is listed for every pipeline that declares one, and refused for one that does not', async () => {
    const api = await service.givenOrganization('listed');

    const { schedules } = await api.call<{
      schedules: { provider: string; domain: string; pipeline: string; enabled: boolean }[];
    }>('GET', 'schedules/listed');
    expect(
      schedules.map(({ provider, domain, pipeline, enabled }) => [
        `${provider}/${domain}/${pipeline}`,
        enabled,
      ]),
    ).toEqual([
      ['anthropic/api/usage_messages', false],
      ['anthropic/cost/costs_daily', false],
      ['focus/unified/cost_and_usage', false],
      ['gcp/cost/billing_export', false],
      [COSTS, false],
      ['openai/cost/costs_daily', false],
    ]);

    const undeclared = await api.send('PUT', 'schedules/listed/gcp/api/pricing_catalog', { enabled: true });
    expect(undeclared).toMatchObject({ status: 404, body: { code: 'schedule_not_declared' } });
    const unknown = await api.send('PUT', 'schedules/listed/gcp/api/nothing', { enabled: true });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'pipeline_not_found' } });
    const malformed = await api.send('PUT', path('listed'), { enabled: 'yes' });
    expect(malformed).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  it('is not switched with a key that may only read, nor with one of another organization', async () => {
    await service.givenOrganization('owner');
    const other = await service.givenOrganization('stranger');
    const { key } = await service.root.call<{ key: string }>('POST', 'organizations/owner/keys', {
      scopes: ['read'],
    });
    const reader = new ApiClient(service.baseUrl, key);

    expect(await reader.send('PUT', path('owner'), { enabled: true })).toMatchObject({
      status: 403,
      body: { code: 'scope_missing' },
    });
    expect(await other.send('PUT', path('owner'), { enabled: true })).toMatchObject({
      status: 404,
      body: { code: 'organization_not_found' },
    });
  });
});
