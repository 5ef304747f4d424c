import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PipelineCatalog } from '@pipelines/config-resolver';
import type { DatabaseClock } from '@pipelines/database';
import { createTestDatabase, type TestDatabase } from '@pipelines/database/testing';
import { Boss, RunQueue } from '@pipelines/queue';
import { UsageReader, type Plan, type PlanReader } from '@pipelines/quota';
import {
  AnyRunEntity,
  RunAdmission,
  RunArchiver,
  RunCancellation,
  RunEntity,
  RunHistory,
  RunMetrics,
} from '@pipelines/runs';
import { backfillError, backfillStatus, type BackfillRequest } from './backfill.ts';
import { BackfillDriver } from './backfill.driver.ts';
import { BackfillStore } from './backfill.store.ts';
import { Backfills } from './backfills.ts';

const NOW = new Date('2026-11-20T10:00:00Z');
const FIVE_DAYS = { startDate: '2026-11-01', endDate: '2026-11-06' };

interface ChildRun {
  readonly id: string;
  readonly day: string;
  readonly status: string;
}

describe('Backfills', () => {
  let database: TestDatabase;
  let boss: Boss;
  let admission: RunAdmission;
  let backfills: Backfills;
  const plans = new Map<string, Plan>();
  const plan = { read: (org: string) => Promise.resolve(plans.get(org)) } as unknown as PlanReader;
  const catalog = {
    find: () => ({ window: { lastDay: 'yesterday', lookbackDays: 1 }, backfillDays: 1 }),
  } as unknown as PipelineCatalog;

  beforeAll(async () => {
    database = await createTestDatabase({ entities: [RunEntity, AnyRunEntity] });
    await database.setClock(NOW.toISOString());
    boss = new Boss({ url: database.url });
    await boss.onModuleInit();
    const { dataSource } = database;
    admission = new RunAdmission(
      dataSource,
      catalog,
      plan,
      new UsageReader(dataSource),
      new RunQueue(boss),
      new RunHistory(dataSource.getRepository(RunEntity)),
      { now: () => NOW } as DatabaseClock,
      new RunMetrics(),
    );
    backfills = newBackfills(newDriver(admission));
  });

  afterAll(async () => {
    await boss.onApplicationShutdown();
    await database.drop();
  });

  function newDriver(through: Pick<RunAdmission, 'admitWindow'>): BackfillDriver {
    const cancellation = new RunCancellation(database.dataSource, new RunMetrics());
    return new BackfillDriver(database.dataSource, through as RunAdmission, cancellation);
  }

  function newBackfills(driver: BackfillDriver): Backfills {
    const clock = { now: () => NOW } as DatabaseClock;
    return new Backfills(catalog, clock, plan, new BackfillStore(database.dataSource), driver);
  }

  async function givenPlan(org: string, limits: Partial<Plan> = {}): Promise<void> {
    const unlimited = { dailyLimit: null, monthlyLimit: null, concurrentLimit: null };
    plans.set(org, { org, status: 'ACTIVE', trialEndsAt: null, trialEnded: false, ...unlimited, ...limits });
    await database.dataSource.query(
      `WITH organization AS (INSERT INTO pipelines.organizations (slug, name) VALUES ($1, $1) RETURNING slug)
       INSERT INTO pipelines.usage_counters (org_slug, day) SELECT slug, (pipelines.utc_now() AT TIME ZONE 'UTC')::date FROM organization`,
      [org],
    );
  }

  const request = (org: string, changes: Partial<BackfillRequest> = {}): BackfillRequest => ({
    org,
    provider: 'openai',
    domain: 'cost',
    pipeline: 'costs_daily',
    ...FIVE_DAYS,
    maxConcurrent: 2,
    onlyMissing: false,
    ...changes,
  });

  const runsOf = (id: string) =>
    database.dataSource.query<ChildRun[]>(
      `SELECT id, window_start::text AS day, status FROM pipelines.runs WHERE backfill_id = $1 ORDER BY window_start`,
      [id],
    );

  const daysOf = async (id: string) => (await runsOf(id)).map(({ day }) => day);

  /** Ends the run as its worker would, its slot given back. */
  async function endRun(id: string, status: 'completed' | 'failed', ranAt = NOW): Promise<void> {
    await database.dataSource.query(
      `WITH ended AS (
         UPDATE pipelines.runs SET status = $2::text, running_at = $3, finished_at = $3,
           error_code = CASE WHEN $2 = 'failed' THEN 'provider_rejected_request' END,
           receipt = CASE WHEN $2 = 'completed' THEN '{}'::jsonb END
         WHERE id = $1 RETURNING org_slug)
       UPDATE pipelines.usage_counters SET concurrent_count = concurrent_count - 1
       WHERE org_slug = (SELECT org_slug FROM ended)`,
      [id, status, ranAt],
    );
  }

  async function endUnfinished(id: string, status: 'completed' | 'failed' = 'completed'): Promise<void> {
    for (const run of await runsOf(id)) if (run.status === 'pending') await endRun(run.id, status);
  }

  /** Lets the backfill be looked at now, whenever it would have been by itself. */
  async function advance(id: string, driver = newDriver(admission)): Promise<void> {
    await database.dataSource.query('UPDATE pipelines.backfills SET next_advance_at = now() WHERE id = $1', [
      id,
    ]);
    await driver.advance(id);
  }

  it('loads every day with a run of its own, no more at once than it may, and ends with the last', async () => {
    await givenPlan('steady');
    const { backfill } = await backfills.start(request('steady'));
    const { id } = backfill;
    expect(backfill.progress).toMatchObject({ total: 5, waiting: 3, pending: 2 });
    expect(backfillStatus(backfill)).toBe('running');

    await advance(id);
    expect(await daysOf(id)).toEqual(['2026-11-01', '2026-11-02']);

    for (let rounds = 0; rounds < 3; rounds++) {
      await endUnfinished(id);
      await advance(id);
    }
    const ended = await backfills.find('steady', id);
    expect(await daysOf(id)).toEqual(['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05']);
    expect(ended!.finishedAt).not.toBeNull();
    expect(backfillStatus(ended!)).toBe('completed');
  });

  it('waits where the plan has no room, says what holds it, and goes on when there is', async () => {
    await givenPlan('bounded', { dailyLimit: 3, concurrentLimit: 1 });
    const { id } = (await backfills.start(request('bounded'))).backfill;
    expect((await backfills.find('bounded', id))!.heldBy).toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('concurrent'),
    });

    for (let rounds = 0; rounds < 5; rounds++) {
      await endUnfinished(id);
      await advance(id);
    }
    expect(await daysOf(id)).toHaveLength(3);
    expect((await backfills.find('bounded', id))!.heldBy!.message).toContain('daily');

    plans.set('bounded', { ...plans.get('bounded')!, dailyLimit: null });
    for (let rounds = 0; rounds < 3; rounds++) {
      await advance(id);
      await endUnfinished(id);
    }
    await advance(id);
    expect(backfillStatus((await backfills.find('bounded', id))!)).toBe('completed');
  });

  it('waits while the subscription is not active', async () => {
    await givenPlan('lapsed');
    const { id } = (await backfills.start(request('lapsed', { maxConcurrent: 1 }))).backfill;
    plans.set('lapsed', { ...plans.get('lapsed')!, status: 'CANCELED' });
    await endUnfinished(id);

    await advance(id);

    expect((await backfills.find('lapsed', id))!.heldBy!.code).toBe('subscription_inactive');
    expect(await daysOf(id)).toHaveLength(1);
    await expect(backfills.start(request('lapsed'))).rejects.toMatchObject({ code: 'subscription_inactive' });
  });

  it('admits each day once when many processes bring it forward at once', async () => {
    await givenPlan('crowded');
    const { id } = (await backfills.start(request('crowded', { maxConcurrent: 1 }))).backfill;
    const drivers = Array.from({ length: 5 }, () => newDriver(admission));

    for (let rounds = 0; rounds < 6; rounds++) {
      await Promise.all(drivers.map((driver) => advance(id, driver)));
      const runs = await runsOf(id);
      expect(runs.filter(({ status }) => status === 'pending').length).toBeLessThanOrEqual(1);
      await endUnfinished(id);
    }

    const days = await daysOf(id);
    expect(days).toHaveLength(5);
    expect(new Set(days).size).toBe(5);
  });

  it('leaves connections to others however many are asked for at once', async () => {
    await givenPlan('many_at_once');

    const created = await Promise.all(
      Array.from({ length: 15 }, () => backfills.start(request('many_at_once'))),
    );

    for (const { backfill } of created) expect(await daysOf(backfill.id)).toHaveLength(2);
  });

  it('goes on where a process was cut off between two admissions', async () => {
    await givenPlan('cut_off');
    const { id } = (await backfills.start(request('cut_off', { maxConcurrent: 1 }))).backfill;
    await database.dataSource.query('UPDATE pipelines.backfills SET max_concurrent = 4 WHERE id = $1', [id]);
    let admitted = 0;
    const dying = newDriver({
      admitWindow: async (asked) => {
        if (++admitted === 3) throw new Error('The process ended here.');
        return admission.admitWindow(asked);
      },
    });

    await expect(advance(id, dying)).rejects.toThrow('The process ended here.');
    expect(await daysOf(id)).toHaveLength(3);
    await advance(id);

    expect(await daysOf(id)).toEqual(['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04']);
  });

  it('leaves out the days that were loaded after they were over, when only missing ones are asked for', async () => {
    await givenPlan('gaps');
    const path = { org: 'gaps', provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    const loaded = await admission.admitWindow({
      ...path,
      window: { start: '2026-11-01', end: '2026-11-03' },
    });
    const early = await admission.admitWindow({
      ...path,
      window: { start: '2026-11-04', end: '2026-11-05' },
    });
    const failed = await admission.admitWindow({
      ...path,
      window: { start: '2026-11-05', end: '2026-11-06' },
    });
    await endRun(loaded.runId, 'completed');
    await endRun(early.runId, 'completed', new Date('2026-11-04T23:59:00Z'));
    await endRun(failed.runId, 'failed');

    const { backfill } = await backfills.start(request('gaps', { onlyMissing: true, maxConcurrent: 5 }));

    expect(await daysOf(backfill.id)).toEqual(['2026-11-03', '2026-11-04', '2026-11-05']);
    expect(backfill.progress.total).toBe(3);
  });

  it('ends at once when nothing is missing', async () => {
    await givenPlan('complete');
    const { backfill: first } = await backfills.start(request('complete', { maxConcurrent: 5 }));
    await endUnfinished(first.id);

    const { backfill } = await backfills.start(request('complete', { onlyMissing: true }));

    expect(backfillStatus(backfill)).toBe('completed');
    expect(backfill.progress.total).toBe(0);
  });

  it('stops when it is cancelled, lets runs at work end, and is taken up again by a retry', async () => {
    await givenPlan('paused');
    const { id } = (await backfills.start(request('paused'))).backfill;
    const [working, waiting] = await runsOf(id);
    await database.dataSource.query(`UPDATE pipelines.runs SET status = 'running' WHERE id = $1`, [
      working!.id,
    ]);

    const cancelled = await backfills.cancel('paused', id);
    expect(backfillStatus(cancelled)).toBe('running');
    expect((await runsOf(id)).map(({ status }) => status)).toEqual(['running', 'failed']);
    await expect(backfills.retry('paused', id)).rejects.toMatchObject({ code: 'run_not_ended' });

    await endRun(working!.id, 'completed');
    await advance(id);
    const ended = (await backfills.find('paused', id))!;
    expect(backfillStatus(ended)).toBe('failed');
    expect(backfillError(ended)).toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('1 of 5'),
    });
    expect(await daysOf(id)).toHaveLength(2);
    await expect(backfills.cancel('paused', id)).rejects.toMatchObject({ code: 'run_ended' });

    const retries = await Promise.all([1, 2, 3].map(() => backfills.retry('paused', id, 'key')));
    const again = retries[0]!.backfill;
    expect(again.retryOf).toBe(id);
    expect(again.progress.total).toBe(4);
    expect(await daysOf(again.id)).toEqual([waiting!.day, '2026-11-03']);
    expect(retries.map(({ backfill }) => backfill.id)).toEqual([again.id, again.id, again.id]);
    expect(retries.filter(({ replayed }) => replayed)).toHaveLength(2);
    plans.set('paused', { ...plans.get('paused')!, status: 'CANCELED' });
    expect(await backfills.retry('paused', id, 'key')).toMatchObject({
      backfill: { id: again.id },
      replayed: true,
    });
    const reused = { code: 'idempotency_key_reused', facts: { backfill_id: again.id } };
    await expect(backfills.start(request('paused'), 'key')).rejects.toMatchObject(reused);
  });

  it('fails when a run of it does', async () => {
    await givenPlan('unlucky');
    const { id } = (await backfills.start(request('unlucky', { maxConcurrent: 5 }))).backfill;
    const [first] = await runsOf(id);
    await endRun(first!.id, 'failed');
    await endUnfinished(id);

    await advance(id);

    const ended = (await backfills.find('unlucky', id))!;
    expect(backfillStatus(ended)).toBe('failed');
    expect(backfillError(ended)).toMatchObject({ code: 'runs_failed' });
  });

  describe('once its runs are old enough for the archive', () => {
    const liveRuns = async (id: string) => (await runsOf(id)).length;

    async function archiveRuns(id: string): Promise<void> {
      await database.dataSource.query(
        `UPDATE pipelines.runs SET finished_at = now() - interval '2 days'
         WHERE backfill_id = $1 AND finished_at IS NOT NULL`,
        [id],
      );
      await new RunArchiver(database.dataSource, new RunMetrics(), { archiveAfterDays: 1 }).archive();
    }

    it('keeps them at hand while it is open', async () => {
      await givenPlan('slow');
      const { id } = (await backfills.start(request('slow'))).backfill;
      await endUnfinished(id);
      await archiveRuns(id);
      expect(await liveRuns(id)).toBe(2);

      await advance(id);

      expect(await daysOf(id)).toEqual(['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04']);
    });

    it('tells the same of itself, is taken up again where it failed, and counts as loaded', async () => {
      await givenPlan('archived');
      const { id } = (await backfills.start(request('archived', { maxConcurrent: 5 }))).backfill;
      const [first] = await runsOf(id);
      await endRun(first!.id, 'failed');
      await endUnfinished(id);
      await advance(id);
      const ended = await backfills.find('archived', id);
      expect(ended!.progress).toMatchObject({ total: 5, completed: 4, failed: 1, waiting: 0 });

      await archiveRuns(id);

      expect(await liveRuns(id)).toBe(0);
      expect(await backfills.find('archived', id)).toEqual(ended);
      const retry = await backfills.retry('archived', id);
      expect(await daysOf(retry.backfill.id)).toEqual([first!.day]);
      const missing = await backfills.start(request('archived', { onlyMissing: true, maxConcurrent: 5 }));
      expect(await daysOf(missing.backfill.id)).toEqual([first!.day]);
    });
  });

  it('gives the same backfill for the same key, and refuses the key with another request', async () => {
    await givenPlan('keyed');
    const asked = await Promise.all(
      Array.from({ length: 10 }, () => backfills.start(request('keyed'), 'key-1')),
    );

    expect(new Set(asked.map(({ backfill }) => backfill.id)).size).toBe(1);
    expect(asked.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await expect(backfills.start(request('keyed', { endDate: '2026-11-07' }), 'key-1')).rejects.toMatchObject(
      {
        code: 'idempotency_key_reused',
      },
    );
  });

  it.each([
    ['date_in_future', { endDate: '2026-11-22' }],
    ['window_reversed', { endDate: '2026-11-01' }],
    ['window_too_long', { startDate: '2010-01-01' }],
    ['invalid_date', { startDate: '2026-02-30' }],
  ])('refuses with %s', async (code, changes) => {
    await expect(backfills.start(request('nobody', changes))).rejects.toMatchObject({ code });
  });

  it('shows an organization nothing of another', async () => {
    await givenPlan('owner');
    const { id } = (await backfills.start(request('owner'))).backfill;

    expect(await backfills.find('steady', id)).toBeUndefined();
    await expect(backfills.cancel('steady', id)).rejects.toMatchObject({ code: 'backfill_not_found' });
    await expect(backfills.retry('steady', id)).rejects.toMatchObject({ code: 'backfill_not_found' });
  });
});
