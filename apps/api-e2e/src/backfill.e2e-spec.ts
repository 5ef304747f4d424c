import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { RunStatus } from '@pipelines/service-driver';
import { TestService } from './testing/test-service.ts';
import { startBeside } from './testing/test-worker.ts';
import { untilEnded } from './testing/until-ended.ts';

const COSTS = 'openai/cost/costs_daily';
const WEEK = { start_date: '2026-01-01', end_date: '2026-01-08' };
const DAYS = Array.from({ length: 7 }, (_, day) => `2026-01-0${day + 1}`);

interface BackfillStatus {
  readonly backfill_id: string;
  readonly status: RunStatus['status'];
  readonly runs: Readonly<Record<string, number>>;
  readonly held_by: { readonly code: string } | null;
  readonly links: { readonly runs: string };
  readonly error: { readonly code: string } | null;
  readonly retry_of: string | null;
}

describe('a backfill', () => {
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

  it('loads each day once, within the concurrent limit, also when two processes bring it forward', async () => {
    const api = await service.givenOrganization(
      'history',
      { openai: sandbox.credentials.openai },
      { concurrent_limit: 3 },
    );
    const beside = await startBeside(service, 'api', 'second-api');
    try {
      const started = await api.send<BackfillStatus>(
        'POST',
        `pipelines/backfill/history/${COSTS}`,
        { ...WEEK, max_concurrent: 5 },
        { 'idempotency-key': 'january' },
      );
      expect(started.status).toBe(202);
      expect(started.body.runs.total).toBe(7);
      const { backfill_id: id } = started.body;
      expect(started.headers.get('location')).toBe(`/api/v1/pipelines/status/history/${id}`);

      const ended = await untilEnded<BackfillStatus>(api, 'history', id);

      expect(ended).toMatchObject({ status: 'completed', held_by: null, error: null });
      expect(ended.runs).toMatchObject({ total: 7, completed: 7 });
      const { runs } = await api.call<{ runs: RunStatus[] }>('GET', ended.links.runs.replace('/api/v1/', ''));
      expect(runs.map(({ window }) => window.start).sort()).toEqual(DAYS);
      expect(runs.every(({ attempt }) => attempt === 1)).toBe(true);
      const loaded = await service.rows(
        `SELECT DISTINCT usage_date, _run_id FROM history_dev.openai_costs ORDER BY usage_date`,
      );
      expect(loaded.map(({ usage_date }) => usage_date)).toEqual(DAYS);
      expect(await service.concurrentCount('history')).toBe(0);
    } finally {
      await beside.stop();
    }
  }, 60_000);

  it('is paused by cancel where the plan holds it, and taken up by retry', async () => {
    const api = await service.givenOrganization(
      'held',
      { openai: sandbox.credentials.openai },
      { daily_limit: 2 },
    );
    const { backfill_id: id } = await api.call<BackfillStatus>('POST', `pipelines/backfill/held/${COSTS}`, {
      ...WEEK,
      max_concurrent: 1,
    });
    let backfill: BackfillStatus;
    do {
      backfill = await api.call<BackfillStatus>('GET', `pipelines/status/held/${id}`);
    } while (backfill.runs.completed !== 2 || backfill.held_by === null);
    expect(backfill).toMatchObject({ status: 'running', held_by: { code: 'quota_exceeded' } });

    await api.call('POST', `pipelines/cancel/held/${id}`);
    expect(await untilEnded<BackfillStatus>(api, 'held', id)).toMatchObject({
      status: 'failed',
      error: { code: 'cancelled' },
      runs: { total: 7, completed: 2, waiting: 5 },
    });

    await service.setPlan('held', {});
    const { backfill_id: again } = await api.call<BackfillStatus>('POST', `pipelines/retry/held/${id}`);
    expect(await untilEnded<BackfillStatus>(api, 'held', again)).toMatchObject({
      status: 'completed',
      retry_of: id,
      runs: { total: 5, completed: 5 },
    });
  }, 60_000);

  it('says which field of the request is wrong', async () => {
    const api = await service.givenOrganization('mistaken');
    const send = (body: object) => api.send('POST', `pipelines/backfill/mistaken/${COSTS}`, body);

    expect(await send({ start_date: '2026-01-01' })).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', detail: expect.stringContaining('end_date') },
    });
    expect(await send({ ...WEEK, max_concurrent: 0 })).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', detail: expect.stringContaining('max_concurrent') },
    });
    expect(await send({ ...WEEK, start_date: '2026-02-30' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_date', detail: expect.stringContaining('start_date') },
    });
    expect(await api.send('POST', 'pipelines/backfill/mistaken/openai/cost/nothing', WEEK)).toMatchObject({
      status: 404,
      body: { code: 'pipeline_not_found' },
    });
  });
});
