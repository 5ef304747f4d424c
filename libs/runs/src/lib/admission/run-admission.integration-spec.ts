import { beforeAll, describe, expect, it } from '@jest/globals';
import type { PipelineCatalog } from '@pipelines/config-resolver';
import type { DatabaseClock } from '@pipelines/database';
import { UsageReader, type Plan, type PlanReader } from '@pipelines/quota';
import { counterOf, givenOrganization } from '../../testing/test-organization.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { claimRuns } from '../execution/claim-runs.ts';
import { archiveBatch } from '../archive/archive-runs.ts';
import { RunHistory } from '../history/run-history.ts';
import { RunMetrics } from '../metrics/run-metrics.ts';
import { RunEntity } from '../run.entity.ts';
import { forgetExpiredKeys } from './idempotency.ts';
import { RunAdmission } from './run-admission.ts';

describe('RunAdmission', () => {
  const database = useRunDatabase();
  let admission: RunAdmission;
  const plans = new Map<string, Plan>();

  beforeAll(async () => {
    admission = newAdmission();
  });

  function newAdmission(now = () => new Date()): RunAdmission {
    const { dataSource } = database;
    const catalog = {
      find: () => ({ window: { lastDay: 'yesterday', lookbackDays: 1 } }),
    } as unknown as PipelineCatalog;
    const reader = { read: (org: string) => Promise.resolve(plans.get(org)) } as unknown as PlanReader;
    const history = new RunHistory(dataSource.getRepository(RunEntity));
    const clock = { now } as DatabaseClock;
    return new RunAdmission(
      dataSource,
      catalog,
      reader,
      new UsageReader(dataSource),
      database.queue,
      history,
      clock,
      new RunMetrics(),
    );
  }

  async function givenPlan(org: string, limits: Parameters<typeof givenOrganization>[2] = {}): Promise<void> {
    plans.set(org, await givenOrganization(database.dataSource, org, limits));
  }

  const pipelineOf = (org: string) => ({
    org,
    provider: 'openai',
    domain: 'cost',
    pipeline: 'costs_daily',
  });
  const request = (org: string, idempotencyKey?: string, date = '2026-01-05') => ({
    ...pipelineOf(org),
    window: { date },
    idempotencyKey,
  });
  const countRuns = async (org: string) => {
    const [row] = await database.dataSource.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM pipelines.runs WHERE org_slug = $1',
      [org],
    );
    return row!.count;
  };

  /** Lets the run have failed so long ago that it is archived. */
  async function endLongAgo(runId: string): Promise<void> {
    await database.dataSource.query(
      `UPDATE pipelines.runs SET status = 'failed', error_code = 'timed_out', finished_at = now() - interval '2 days'
       WHERE id = $1`,
      [runId],
    );
    expect(await archiveBatch(database.dataSource, 1, 10)).toBe(1);
  }

  it('admits one run for a hundred requests at once with one key', async () => {
    await givenPlan('same_key');

    const admitted = await Promise.all(
      Array.from({ length: 100 }, () => admission.admit(request('same_key', 'key-1'))),
    );

    expect(new Set(admitted.map(({ runId }) => runId)).size).toBe(1);
    expect(admitted.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await countRuns('same_key')).toBe(1);
    expect(await counterOf(database.dataSource, 'same_key')).toMatchObject({
      daily: 1,
      monthly: 1,
      concurrent: 1,
    });
    expect(await claimRuns(database.dataSource, 10)).toHaveLength(1);
  });

  it('gives the same run back even when the first request took the last of the quota', async () => {
    await givenPlan('last_unit', { dailyLimit: 1 });

    const first = await admission.admit(request('last_unit', 'key-1'));
    const again = await admission.admit(request('last_unit', 'key-1'));

    expect(again).toEqual({
      runId: first.runId,
      window: { start: '2026-01-05', end: '2026-01-06' },
      status: 'pending',
      replayed: true,
    });
    await expect(admission.admit(request('last_unit', 'key-2'))).rejects.toMatchObject({
      code: 'quota_exceeded',
    });
  });

  it('refuses a key that comes with another request', async () => {
    await givenPlan('reused');
    await admission.admit(request('reused', 'key-1'));

    await expect(admission.admit(request('reused', 'key-1', '2026-01-06'))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect(await countRuns('reused')).toBe(1);
  });

  it('keeps the keys of organizations apart, and forgets them after a day', async () => {
    await givenPlan('first_org');
    await givenPlan('second_org');
    const first = await admission.admit(request('first_org', 'shared'));
    const second = await admission.admit(request('second_org', 'shared'));
    expect(second.runId).not.toBe(first.runId);

    await database.dataSource.query(
      `UPDATE pipelines.idempotency_keys SET created_at = now() - interval '25 hours' WHERE org_slug = 'first_org'`,
    );

    const anew = await admission.admit(request('first_org', 'shared'));
    expect(anew).toMatchObject({ replayed: false });
    expect(anew.runId).not.toBe(first.runId);
  });

  it('expires the keys of all organizations that are older than a day, and no others', async () => {
    await givenPlan('expiring');
    await admission.admit(request('expiring', 'old'));
    await database.dataSource.query(
      `UPDATE pipelines.idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'`,
    );
    await admission.admit(request('expiring', 'new'));

    await forgetExpiredKeys(database.dataSource);

    const keys = await database.dataSource.query<{ key: string }[]>(
      `SELECT key FROM pipelines.idempotency_keys WHERE org_slug = 'expiring'`,
    );
    expect(keys).toEqual([{ key: 'new' }]);
  });

  it('runs an ended run again as a run of its own, and no run that has not ended', async () => {
    await givenPlan('again');
    const { runId } = await admission.admit(request('again'));
    await expect(admission.retry('again', runId)).rejects.toMatchObject({ code: 'run_not_ended' });
    await database.dataSource.query(
      `UPDATE pipelines.runs SET status = 'failed', error_code = 'timed_out', finished_at = now() WHERE id = $1`,
      [runId],
    );

    const { admitted } = await admission.retry('again', runId);

    expect(admitted).toMatchObject({ replayed: false, window: { start: '2026-01-05', end: '2026-01-06' } });
    const [retry] = await database.dataSource.query<{ retry_of: string }[]>(
      'SELECT retry_of FROM pipelines.runs WHERE id = $1',
      [admitted.runId],
    );
    expect(retry).toEqual({ retry_of: runId });
    await expect(admission.retry('same_key', runId)).rejects.toMatchObject({ code: 'run_not_found' });
  });

  it.each([
    ['a window of a backfill', { backfillId: '01999999-0000-7000-8000-000000000001' }],
    ['an occurrence of a schedule', { scheduledFor: new Date('2026-01-06T03:00:00Z') }],
  ])('admits one run for %s, however often and at once it is asked for', async (name, cause) => {
    const org = name.replaceAll(' ', '_');
    await givenPlan(org, { dailyLimit: 1 });
    const asked = { ...pipelineOf(org), window: { start: '2026-01-05', end: '2026-01-06' }, ...cause };

    const admitted = await Promise.all(Array.from({ length: 20 }, () => admission.admitWindow(asked)));

    expect(new Set(admitted.map(({ runId }) => runId)).size).toBe(1);
    expect(await countRuns(org)).toBe(1);
    expect(await counterOf(database.dataSource, org)).toMatchObject({ daily: 1, concurrent: 1 });
  });

  it.each([
    ['a window of an archived backfill', { backfillId: '01999999-0000-7000-8000-000000000009' }],
    ['an archived occurrence of a schedule', { scheduledFor: new Date('2026-01-06T03:00:00Z') }],
  ])('admits no second run for %s', async (name, cause) => {
    const org = name.replaceAll(' ', '_');
    await givenPlan(org);
    const asked = { ...pipelineOf(org), window: { start: '2026-01-05', end: '2026-01-06' }, ...cause };
    const first = await admission.admitWindow(asked);
    await endLongAgo(first.runId);

    const again = await admission.admitWindow(asked);

    expect(again).toEqual({ runId: first.runId, window: asked.window, status: 'failed', replayed: true });
    expect(await countRuns(org)).toBe(0);
  });

  it('runs an archived run again as a run of its own', async () => {
    await givenPlan('long_ago');
    const { runId } = await admission.admit(request('long_ago'));
    await endLongAgo(runId);

    const { admitted, original } = await admission.retry('long_ago', runId);

    expect(original).toMatchObject({ id: runId, status: 'failed' });
    expect(admitted).toMatchObject({ replayed: false, window: { start: '2026-01-05', end: '2026-01-06' } });
    expect(await countRuns('long_ago')).toBe(1);
  });

  it('takes the day from the clock of the database', async () => {
    await givenPlan('tomorrow');
    const { window } = await newAdmission(() => new Date('2031-05-01T00:00:01Z')).admit({
      ...pipelineOf('tomorrow'),
      window: {},
    });

    expect(window).toEqual({ start: '2031-04-30', end: '2031-05-01' });
  });

  it('admits nothing once the process is stopping', async () => {
    await givenPlan('stopping');
    const stopping = newAdmission();
    stopping.onModuleDestroy();

    await expect(stopping.admit(request('stopping'))).rejects.toMatchObject({
      code: 'shutting_down',
      retryAfterMs: 2_000,
    });

    expect(await countRuns('stopping')).toBe(0);
  });

  it('lets every other run pass those of backfills', async () => {
    await claimRuns(database.dataSource, 1_000);
    await givenPlan('backfilling');
    await admission.admitWindow({
      ...pipelineOf('backfilling'),
      window: { start: '2026-01-05', end: '2026-01-06' },
      backfillId: '01999999-0000-7000-8000-000000000002',
    });
    for (let runs = 0; runs < 10; runs++) await admission.admit(request('backfilling'));
    const { runId } = await admission.admit(request('backfilling'));

    expect((await claimRuns(database.dataSource, 11)).map((attempt) => attempt.runId)).toContain(runId);
  });

  it('lets the first run of one organization pass the many of another', async () => {
    await claimRuns(database.dataSource, 1_000);
    await givenPlan('hog');
    await givenPlan('small');
    for (let runs = 0; runs < 50; runs++) await admission.admit(request('hog'));
    const { runId } = await admission.admit(request('small'));

    const claimed = await claimRuns(database.dataSource, 2);

    expect(claimed.map((attempt) => attempt.runId)).toContain(runId);
  });
});
