import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CatchUp, PipelineCatalog } from '@pipelines/config-resolver';
import type { DatabaseClock } from '@pipelines/database';
import { createTestDatabase, type TestDatabase } from '@pipelines/database/testing';
import { PipelineError } from '@pipelines/pipeline';
import { Boss, RunQueue, ScheduleQueue } from '@pipelines/queue';
import { UsageReader, type Plan, type PlanReader } from '@pipelines/quota';
import { RunAdmission, RunEntity, RunHistory, RunMetrics } from '@pipelines/runs';
import { Dependencies } from './dependencies.ts';
import { ScheduleDriver } from './schedule.driver.ts';
import { ScheduleRunner } from './schedule.runner.ts';
import { ScheduleStore } from './schedule.store.ts';
import { Schedules } from './schedules.ts';

type Path = [provider: string, domain: string, pipeline: string];
const COSTS: Path = ['openai', 'cost', 'costs_daily'];
/** Depends on the costs. */
const UNIFIED: Path = ['focus', 'unified', 'cost_and_usage'];
const HOUR_MS = 3_600_000;

describe('Schedules', () => {
  let database: TestDatabase;
  let boss: Boss;
  let store: ScheduleStore;
  let admission: RunAdmission;
  let schedules: Schedules;
  /** The clock of every part; the queue goes by the server's, so its jobs are brought forward by hand. */
  let now = new Date('2026-01-05T10:00:00Z');
  let declared = { cron: '0 3 * * *', timezone: 'UTC', jitterMs: 0, catchUp: 'all' as CatchUp };
  let file: 'scheduled' | 'unscheduled' | 'broken' = 'scheduled';
  const clock = { now: () => now } as DatabaseClock;
  const plans = new Map<string, Plan>();
  let unified = { ...declared, cron: '0 4 * * *' };
  const catalog = {
    find: (...[provider, domain, pipeline]: Path) => {
      if (file === 'broken') throw new PipelineError('pipeline_invalid', `${pipeline} is broken.`);
      const isUnified = provider === 'focus';
      return {
        provider,
        domain,
        pipeline,
        file: `${provider}/${domain}/${pipeline}.yml`,
        window: { lastDay: 'yesterday', lookbackDays: 1 },
        dependsOn: isUnified ? [{ provider: 'openai', domain: 'cost', pipeline: 'costs_daily' }] : [],
        schedule: isUnified ? unified : file === 'scheduled' ? declared : undefined,
      };
    },
    entries: () => [{ provider: 'openai', domain: 'cost', pipeline: 'costs_daily', problems: [] }],
  } as unknown as PipelineCatalog;

  beforeAll(async () => {
    database = await createTestDatabase({ entities: [RunEntity] });
    boss = new Boss({ url: database.url });
    await boss.onModuleInit();
    const { dataSource } = database;
    store = new ScheduleStore(dataSource);
    admission = new RunAdmission(
      dataSource,
      catalog,
      { read: (org: string) => Promise.resolve(plans.get(org)) } as unknown as PlanReader,
      new UsageReader(dataSource),
      new RunQueue(boss),
      new RunHistory(dataSource.getRepository(RunEntity)),
      clock,
      new RunMetrics(),
    );
    schedules = new Schedules(catalog, clock, store);
  });

  /** Every test has the queue to itself. */
  beforeEach(() =>
    database.dataSource.query(
      `UPDATE pipelines.schedules SET enabled = false; DELETE FROM pgboss.job WHERE name = 'schedules'`,
    ),
  );

  afterAll(async () => {
    await boss.onApplicationShutdown();
    await database.drop();
  });

  function newDriver(through: Pick<RunAdmission, 'admitWindow'> = admission): ScheduleDriver {
    const dependencies = new Dependencies(catalog, store);
    const runner = new ScheduleRunner(catalog, clock, through as RunAdmission, store, dependencies);
    return new ScheduleDriver(new ScheduleQueue(boss), store, runner);
  }

  /** An organization whose schedule is switched on at that time. */
  async function givenSchedule(
    org: string,
    since: string,
    { limits = {}, ...changes }: Partial<typeof declared> & { limits?: Partial<Plan> } = {},
  ): Promise<void> {
    file = 'scheduled';
    declared = { cron: '0 3 * * *', timezone: 'UTC', jitterMs: 0, catchUp: 'all', ...changes };
    await givenPlan(org, limits);
    await setClock(since);
    await database.dataSource.query(
      `WITH organization AS (INSERT INTO pipelines.organizations (slug, name) VALUES ($1, $1) RETURNING slug)
       INSERT INTO pipelines.usage_counters (org_slug, day) SELECT slug, (pipelines.utc_now() AT TIME ZONE 'UTC')::date FROM organization`,
      [org],
    );
    await schedules.switch(org, COSTS, true);
  }

  function givenPlan(org: string, limits: Partial<Plan>): void {
    const unlimited = { dailyLimit: null, monthlyLimit: null, concurrentLimit: null };
    plans.set(org, { org, status: 'ACTIVE', trialEndsAt: null, trialEnded: false, ...unlimited, ...limits });
  }

  /** Sets the clock of the database and of those that ask it. */
  async function setClock(time: string): Promise<void> {
    now = new Date(time);
    await database.setClock(time);
  }

  /** Lets processes look at what is due at that time; the queue counts its wait as over. */
  async function driveAt(time: string, drivers = [newDriver()]): Promise<void> {
    await setClock(time);
    await database.dataSource.query(
      `UPDATE pgboss.job SET start_after = now() WHERE name = 'schedules' AND state < 'active'`,
    );
    await Promise.all(drivers.map((driver) => driver.drive()));
  }

  const runsOf = (org: string) =>
    database.dataSource.query<{ id: string; day: string; scheduled_for: Date }[]>(
      `SELECT id, window_start::text AS day, scheduled_for FROM pipelines.runs WHERE org_slug = $1 ORDER BY window_start`,
      [org],
    );
  const daysOf = async (org: string) => (await runsOf(org)).map(({ day }) => day);
  const outcomesOf = async (org: string) => (await schedules.find(org, COSTS)).occurrences;
  /** Milliseconds, by the clock of the schedules, until the queue brings the organization's schedule up. */
  async function waitOf(org: string): Promise<number | undefined> {
    const [job] = await database.dataSource.query<{ wait: number }[]>(
      `SELECT extract(epoch FROM start_after - job.created_on) * 1000 AS wait FROM pgboss.job
       JOIN pipelines.schedules ON schedules.id = job.id WHERE org_slug = $1 AND state = 'created'`,
      [org],
    );
    return job && Number(job.wait);
  }

  it('is off until it is switched on, and begins with its next occurrence', async () => {
    expect(await schedules.find('nobody', COSTS)).toMatchObject({
      enabled: false,
      nextDueAt: null,
      occurrences: [],
    });
    await givenSchedule('begins', '2026-01-05T10:00:00Z');

    await driveAt('2026-01-06T02:59:59Z');
    expect(await daysOf('begins')).toEqual([]);
    await driveAt('2026-01-06T03:00:00Z');

    const [run] = await runsOf('begins');
    expect(run).toMatchObject({ day: '2026-01-05', scheduled_for: new Date('2026-01-06T03:00:00Z') });
    expect(await schedules.find('begins', COSTS)).toMatchObject({
      enabled: true,
      nextDueAt: new Date('2026-01-07T03:00:00Z'),
      occurrences: [{ dueAt: new Date('2026-01-06T03:00:00Z'), runId: run!.id }],
    });
  });

  it('starts one run per occurrence, whatever the number of processes', async () => {
    await givenSchedule('once', '2026-01-05T10:00:00Z');

    for (const day of ['06', '07', '08']) {
      await driveAt(
        `2026-01-${day}T03:00:01Z`,
        Array.from({ length: 5 }, () => newDriver()),
      );
    }

    expect(await daysOf('once')).toEqual(['2026-01-05', '2026-01-06', '2026-01-07']);
  });

  it('starts the same run when a process died between its admission and its record', async () => {
    await givenSchedule('cut_off', '2026-01-05T10:00:00Z');
    const dying = newDriver({
      admitWindow: async (request) => {
        await admission.admitWindow(request);
        throw new Error('killed');
      },
    });
    await driveAt('2026-01-06T03:00:00Z', [dying]);
    expect(await outcomesOf('cut_off')).toEqual([]);

    await driveAt('2026-01-06T03:00:10Z');

    expect(await daysOf('cut_off')).toEqual(['2026-01-05']);
    expect(await outcomesOf('cut_off')).toHaveLength(1);
  });

  it('leaves its occurrence to another process when this one is stopping', async () => {
    await givenSchedule('stopping', '2026-01-05T10:00:00Z');
    const stopping = newDriver({
      admitWindow: () => Promise.reject(new PipelineError('shutting_down', 'Stopping.')),
    });
    await driveAt('2026-01-06T03:00:00Z', [stopping]);

    await driveAt('2026-01-06T03:00:10Z');

    expect(await daysOf('stopping')).toEqual(['2026-01-05']);
  });

  it('makes up for every window that passed while no process was there', async () => {
    await givenSchedule('all_days', '2026-01-05T10:00:00Z', { cron: '0 */12 * * *', catchUp: 'all' });

    await driveAt('2026-01-09T05:00:00Z');

    expect(await daysOf('all_days')).toEqual([
      '2026-01-04',
      '2026-01-05',
      '2026-01-06',
      '2026-01-07',
      '2026-01-08',
    ]);
    const superseded = (await outcomesOf('all_days')).filter((outcome) => 'missed' in outcome);
    expect(superseded.map(({ dueAt }) => dueAt.toISOString())).toEqual([
      '2026-01-08T00:00:00.000Z',
      '2026-01-07T00:00:00.000Z',
      '2026-01-06T00:00:00.000Z',
    ]);
  });

  it('makes up for no more than a month', async () => {
    await givenSchedule('long_gone', '2025-06-01T00:00:00Z');

    await driveAt('2026-01-09T05:00:00Z');

    const days = await daysOf('long_gone');
    expect([days.length, days[0], days.at(-1)]).toEqual([31, '2025-12-09', '2026-01-08']);
  });

  it('makes up for the latest alone', async () => {
    await givenSchedule('latest', '2026-01-05T10:00:00Z', { catchUp: 'latest' });

    await driveAt('2026-01-09T05:00:00Z');

    expect(await daysOf('latest')).toEqual(['2026-01-08']);
  });

  it('records what came too late when nothing is made up for', async () => {
    await givenSchedule('none', '2026-01-05T10:00:00Z', { catchUp: 'none' });

    await driveAt('2026-01-07T03:00:30Z');

    expect(await daysOf('none')).toEqual(['2026-01-06']);
    expect((await outcomesOf('none'))[1]).toMatchObject({
      dueAt: new Date('2026-01-06T03:00:00Z'),
      missed: { code: 'too_late', retryAt: null },
    });
  });

  it('records a refused occurrence with its reason, and starts it once the plan has room', async () => {
    await givenSchedule('refused', '2026-01-05T10:00:00Z', { limits: { concurrentLimit: 0 } });

    await driveAt('2026-01-06T03:00:00Z');
    expect(await outcomesOf('refused')).toMatchObject([
      { missed: { code: 'quota_exceeded', retryAt: new Date('2026-01-06T03:01:00Z') } },
    ]);
    givenPlan('refused', {});
    await driveAt('2026-01-06T03:01:00Z');

    expect(await runsOf('refused')).toMatchObject([
      { day: '2026-01-05', scheduled_for: new Date('2026-01-06T03:00:00Z') },
    ]);
    expect(await outcomesOf('refused')).toMatchObject([{ runId: expect.any(String) }]);
  });

  it('does not start a refused occurrence later when nothing is made up for', async () => {
    await givenSchedule('final', '2026-01-05T10:00:00Z', { catchUp: 'none', limits: { dailyLimit: 0 } });
    await driveAt('2026-01-06T03:00:00Z');
    givenPlan('final', {});

    await driveAt('2026-01-06T03:04:00Z');

    expect(await daysOf('final')).toEqual([]);
    expect(await outcomesOf('final')).toMatchObject([{ missed: { code: 'quota_exceeded', retryAt: null } }]);
  });

  it('starts nothing more once it is switched off, and begins anew when it is switched on', async () => {
    await givenSchedule('off', '2026-01-05T10:00:00Z', { limits: { dailyLimit: 0 } });
    await driveAt('2026-01-06T03:00:00Z');
    const off = await schedules.switch('off', COSTS, false);
    expect(off).toMatchObject({
      enabled: false,
      nextDueAt: null,
      occurrences: [{ missed: { retryAt: null } }],
    });
    givenPlan('off', {});

    await driveAt('2026-01-08T03:00:00Z');
    expect(await daysOf('off')).toEqual([]);
    await schedules.switch('off', COSTS, true);
    await driveAt('2026-01-09T03:00:00Z');

    expect(await daysOf('off')).toEqual(['2026-01-08']);
  });

  it('stays as it is when it is switched on again', async () => {
    await givenSchedule('again', '2026-01-05T10:00:00Z');

    await setClock('2026-01-06T10:00:00Z');
    expect(await schedules.switch('again', COSTS, true)).toMatchObject({
      nextDueAt: new Date('2026-01-06T03:00:00Z'),
    });

    await driveAt('2026-01-06T10:00:00Z');
    expect(await daysOf('again')).toEqual(['2026-01-05']);
  });

  it('waits for its share of the jitter', async () => {
    await givenSchedule('jittered', '2026-01-05T10:00:00Z', { jitterMs: HOUR_MS });
    const minutesLater = (minutes: number) =>
      new Date(Date.parse('2026-01-06T03:00:00Z') + minutes * 60_000).toISOString();
    let waited = 0;

    await driveAt(minutesLater(waited));
    while ((await daysOf('jittered')).length === 0 && waited < 60) {
      waited += 5;
      await driveAt(minutesLater(waited));
    }

    expect(waited).toBeGreaterThan(0);
    expect(await runsOf('jittered')).toMatchObject([{ scheduled_for: new Date('2026-01-06T03:00:00Z') }]);
  });

  it('goes by the new times of its file once a process has started with it', async () => {
    await givenSchedule('changed', '2026-01-05T10:00:00Z');
    declared = { ...declared, cron: '0 12 * * *' };

    await newDriver().onApplicationBootstrap();
    await driveAt('2026-01-05T11:00:00Z');

    expect(await schedules.find('changed', COSTS)).toMatchObject({
      nextDueAt: new Date('2026-01-05T12:00:00Z'),
    });
  });

  it('comes up again after its job was lost', async () => {
    await givenSchedule('lost', '2026-01-05T10:00:00Z');
    await database.dataSource.query(`DELETE FROM pgboss.job WHERE name = 'schedules'`);

    await driveAt('2026-01-06T03:00:00Z');
    expect(await daysOf('lost')).toEqual([]);
    await newDriver().onApplicationBootstrap();
    await driveAt('2026-01-06T03:00:00Z');

    expect(await daysOf('lost')).toEqual(['2026-01-05']);
  });

  it('rests while its file is broken, and makes up for the time afterwards', async () => {
    await givenSchedule('broken', '2026-01-05T10:00:00Z');
    file = 'broken';
    await driveAt('2026-01-06T03:00:00Z');
    expect(await daysOf('broken')).toEqual([]);

    file = 'scheduled';
    await setClock('2026-01-07T05:00:00Z');
    await newDriver().onApplicationBootstrap();
    await driveAt('2026-01-07T05:00:00Z');

    expect(await daysOf('broken')).toEqual(['2026-01-05', '2026-01-06']);
  });

  it('rests while its file declares none, and does not make up for that time', async () => {
    await givenSchedule('undeclared', '2026-01-05T10:00:00Z');
    file = 'unscheduled';
    await driveAt('2026-01-06T03:00:00Z');
    await expect(schedules.find('undeclared', COSTS)).rejects.toMatchObject({
      code: 'schedule_not_declared',
    });

    file = 'scheduled';
    await newDriver().onApplicationBootstrap();
    await driveAt('2026-01-07T03:00:00Z');

    expect(await daysOf('undeclared')).toEqual(['2026-01-06']);
  });

  it('lets the queue wait exactly until it is next due', async () => {
    await givenSchedule('exact', '2026-01-05T10:00:00Z');

    expect(Math.abs((await waitOf('exact'))! - 17 * HOUR_MS)).toBeLessThan(2_000);
  });

  it('are all looked at when many are due at once', async () => {
    const organizations = Array.from({ length: 25 }, (_, index) => `many_${index}`);
    for (const org of organizations) await givenSchedule(org, '2026-01-05T10:00:00Z');

    await driveAt('2026-01-06T03:00:00Z');

    const days = await Promise.all(organizations.map(daysOf));
    expect(days).toEqual(organizations.map(() => ['2026-01-05']));
  });

  describe('of a pipeline that depends on another', () => {
    const outcomes = async (org: string) => (await schedules.find(org, UNIFIED)).occurrences;
    const unifiedRuns = (org: string) =>
      database.dataSource.query<{ id: string; day: string }[]>(
        `SELECT id, window_start::text AS day FROM pipelines.runs WHERE org_slug = $1 AND provider = 'focus' ORDER BY 2`,
        [org],
      );
    const endRuns = (org: string, status: 'completed' | 'failed') =>
      database.dataSource.query(
        `UPDATE pipelines.runs SET status = $2, reason = NULL, finished_at = now(), receipt = '{}',
           error_code = CASE $2 WHEN 'failed' THEN 'internal_error' END
         WHERE org_slug = $1 AND provider = 'openai'`,
        [org, status],
      );

    async function givenBoth(org: string, changes: Parameters<typeof givenSchedule>[2] = {}): Promise<void> {
      await givenSchedule(org, '2026-01-05T10:00:00Z', changes);
      unified = { ...declared, cron: '0 4 * * *', catchUp: 'all' };
      await schedules.switch(org, UNIFIED, true);
    }

    it.each(['completed', 'failed'] as const)('starts once the run of its day has %s', async (status) => {
      const org = `after_${status}`;
      await givenBoth(org);
      await driveAt('2026-01-06T03:00:00Z');
      const [costs] = await runsOf(org);

      await driveAt('2026-01-06T04:00:00Z');
      const awaited = {
        pipeline: 'openai/cost/costs_daily',
        dueAt: '2026-01-06T03:00:00.000Z',
        runId: costs!.id,
      };
      expect(await outcomes(org)).toEqual([
        {
          dueAt: new Date('2026-01-06T04:00:00Z'),
          window: { start: '2026-01-05', end: '2026-01-06' },
          waitingSince: new Date('2026-01-06T04:00:00Z'),
          waitedFor: [{ ...awaited, state: 'waiting' }],
          missed: {
            code: 'waiting',
            message: `It waits for openai/cost/costs_daily (run ${costs!.id}), until 2026-01-06T10:00:00.000Z at the latest.`,
            retryAt: new Date('2026-01-06T04:01:00Z'),
          },
        },
      ]);
      await endRuns(org, status);
      await driveAt('2026-01-06T04:01:00Z');

      const [run] = await unifiedRuns(org);
      expect(run).toMatchObject({ day: '2026-01-05' });
      expect(await outcomes(org)).toMatchObject([
        { runId: run!.id, waitedFor: [{ ...awaited, state: status }] },
      ]);
    });

    it('waits for a run that comes later in its day', async () => {
      await givenBoth('later', { cron: '0 5 * * *' });

      await driveAt('2026-01-06T04:00:00Z');
      expect(await outcomes('later')).toMatchObject([
        { missed: { code: 'waiting' }, waitedFor: [{ dueAt: '2026-01-06T05:00:00.000Z', runId: null }] },
      ]);
      await driveAt('2026-01-06T05:00:00Z');
      await endRuns('later', 'completed');
      await driveAt('2026-01-06T05:01:00Z');

      expect(await unifiedRuns('later')).toMatchObject([{ day: '2026-01-05' }]);
    });

    it('waits for what is refused until it is not tried again', async () => {
      await givenBoth('refused_costs', { limits: { dailyLimit: 0 } });
      await driveAt('2026-01-06T04:00:00Z');
      expect(await outcomes('refused_costs')).toMatchObject([
        { missed: { code: 'waiting' }, waitedFor: [{ runId: null, state: 'waiting' }] },
      ]);

      givenPlan('refused_costs', {});
      declared = { ...declared, catchUp: 'none' };
      await driveAt('2026-01-06T04:30:00Z');
      await driveAt('2026-01-06T04:31:00Z');

      expect(await outcomes('refused_costs')).toMatchObject([
        { runId: expect.any(String), waitedFor: [{ runId: null, state: 'missed' }] },
      ]);
    });

    it('waits six hours at most, and says what it no longer waited for', async () => {
      await givenBoth('patience');
      await driveAt('2026-01-06T04:00:00Z');

      await driveAt('2026-01-06T09:59:59Z');
      expect(await unifiedRuns('patience')).toEqual([]);
      await driveAt('2026-01-06T10:00:00Z');

      expect(await outcomes('patience')).toMatchObject([
        { runId: expect.any(String), waitedFor: [{ state: 'waiting' }] },
      ]);
    });

    it('starts after its wait also when nothing is caught up', async () => {
      await givenBoth('punctual');
      unified = { ...unified, catchUp: 'none' };
      await driveAt('2026-01-06T04:00:00Z');
      await endRuns('punctual', 'completed');

      await driveAt('2026-01-06T05:00:00Z');

      expect(await unifiedRuns('punctual')).toHaveLength(1);
    });

    it('waits for no schedule that is off, or was switched on after the time', async () => {
      await givenBoth('alone');
      await schedules.switch('alone', COSTS, false);
      await driveAt('2026-01-06T04:00:00Z');
      expect(await unifiedRuns('alone')).toMatchObject([{ day: '2026-01-05' }]);

      await setClock('2026-01-07T03:30:00Z');
      await schedules.switch('alone', COSTS, true);
      await driveAt('2026-01-07T04:00:00Z');

      expect(await unifiedRuns('alone')).toMatchObject([{ day: '2026-01-05' }, { day: '2026-01-06' }]);
      expect((await outcomes('alone')).map((outcome) => outcome.waitedFor)).toEqual([undefined, undefined]);
    });
  });

  it('are listed for every pipeline that declares one, switched on or not', async () => {
    await givenSchedule('listed', '2026-01-05T10:00:00Z');
    await driveAt('2026-01-06T03:00:00Z');

    expect(await schedules.list('stranger')).toMatchObject([{ pipeline: 'costs_daily', enabled: false }]);
    expect(await schedules.list('listed')).toMatchObject([
      { enabled: true, occurrences: [{ dueAt: new Date('2026-01-06T03:00:00Z') }] },
    ]);
  });
});
