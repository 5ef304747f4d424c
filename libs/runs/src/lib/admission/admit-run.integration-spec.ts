import { randomUUIDv7 } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Plan } from '@pipelines/quota';
import { counterOf, givenOrganization, unfinishedRuns } from '../../testing/test-organization.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from './admit-run.ts';

describe('admitRun', () => {
  const database = useRunDatabase();

  const decide = (plan: Plan, runId: string = randomUUIDv7()) =>
    admitRun(
      database.dataSource,
      {
        runId,
        org: plan.org,
        provider: 'openai',
        domain: 'cost',
        pipeline: 'costs_daily',
        window: { start: '2026-11-01', end: '2026-11-02' },
      },
      plan,
    );
  const admit = async (plan: Plan, runId?: string) => {
    const decision = await decide(plan, runId);
    return decision.admitted ? decision : undefined;
  };
  const setCounter = (org: string, assignment: string) =>
    database.dataSource.query(`UPDATE pipelines.usage_counters SET ${assignment} WHERE org_slug = $1`, [org]);
  const runRows = (org: string) =>
    database.dataSource.query<{ id: string; status: string; error_code: string | null }[]>(
      'SELECT id, status, error_code FROM pipelines.runs WHERE org_slug = $1 ORDER BY pending_at, id',
      [org],
    );
  /** A run whose worker is gone and which no job will bring to another. */
  const givenStaleRun = async (plan: Plan): Promise<string> => {
    const runId = randomUUIDv7();
    await admit(plan, runId);
    await database.dataSource.query(`DELETE FROM pgboss.job WHERE id = $1`, [runId]);
    await database.dataSource.query(
      `UPDATE pipelines.runs SET status = 'running', attempt = 1, lease_expires_at = now() - interval '1 hour'
       WHERE id = $1`,
      [runId],
    );
    return runId;
  };

  it('tells what is used of the limit in the way, without the stale runs, and heals none of them', async () => {
    const plan = await givenOrganization(database.dataSource, 'explained', { dailyLimit: 1 });
    await givenStaleRun(plan);
    await setCounter('explained', 'daily_count = 2, monthly_count = 7, concurrent_count = 3');

    expect(await decide(plan)).toMatchObject({
      admitted: false,
      healed: 0,
      daily: 1,
      monthly: 6,
      concurrent: 2,
    });
    expect(await counterOf(database.dataSource, 'explained')).toMatchObject({ daily: 2, concurrent: 3 });
  });

  it('records the run, counts it and enqueues its job together', async () => {
    const plan = await givenOrganization(database.dataSource, 'together', { dailyLimit: 5 });
    const runId = randomUUIDv7();

    expect(await admit(plan, runId)).toMatchObject({ daily: 1, monthly: 1, concurrent: 1 });

    expect(await runRows('together')).toEqual([{ id: runId, status: 'pending', error_code: null }]);
    expect(await counterOf(database.dataSource, 'together')).toMatchObject({
      daily: 1,
      monthly: 1,
      concurrent: 1,
    });
    expect(await database.claim()).toMatchObject({ runId, number: 1, claim: 0 });
  });

  it.each([
    ['dailyLimit', 'daily_cap'],
    ['monthlyLimit', 'monthly_cap'],
    ['concurrentLimit', 'concurrent_cap'],
  ] as const)('admits exactly ten of fifty parallel requests at a %s of ten', async (limit, org) => {
    const plan = await givenOrganization(database.dataSource, org, { [limit]: 10 });

    const admitted = await Promise.all(Array.from({ length: 50 }, () => admit(plan)));

    expect(admitted.filter(Boolean)).toHaveLength(10);
    expect(await runRows(org)).toHaveLength(10);
    expect(await counterOf(database.dataSource, org)).toMatchObject({
      daily: 10,
      monthly: 10,
      concurrent: 10,
    });
  });

  it('writes nothing when a limit is in the way', async () => {
    const plan = await givenOrganization(database.dataSource, 'refused', { dailyLimit: 0 });

    expect(await admit(plan)).toBeUndefined();

    expect(await runRows('refused')).toEqual([]);
    expect(await counterOf(database.dataSource, 'refused')).toMatchObject({
      daily: 0,
      monthly: 0,
      concurrent: 0,
    });
  });

  it('does not give up a run that still has its job, however long its worker is away', async () => {
    const plan = await givenOrganization(database.dataSource, 'away', { concurrentLimit: 1 });
    const runId = randomUUIDv7();
    await admit(plan, runId);
    await database.dataSource.query(
      `UPDATE pipelines.runs SET status = 'running', lease_expires_at = now() - interval '1 day' WHERE id = $1`,
      [runId],
    );

    expect(await admit(plan)).toBeUndefined();

    expect(await runRows('away')).toMatchObject([{ id: runId, status: 'running' }]);
  });

  it('writes nothing when the same run id is admitted twice', async () => {
    const plan = await givenOrganization(database.dataSource, 'repeated');
    const runId = randomUUIDv7();
    await admit(plan, runId);

    await expect(admit(plan, runId)).rejects.toThrow(/duplicate key/);

    expect(await counterOf(database.dataSource, 'repeated')).toMatchObject({ daily: 1, concurrent: 1 });
  });

  it.each([
    ['2026-01-31T23:59:59Z', '2026-02-01T00:00:00Z'],
    ['2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z'],
    ['2028-02-29T23:59:59Z', '2028-03-01T00:00:00Z'],
    ['2026-03-14T12:00:00Z', '2027-03-14T12:00:00Z'],
  ])('starts the month and the day anew between %s and %s', async (before, after) => {
    const org = `month_${after.slice(0, 7).replace('-', '_')}`;
    await database.setClock(before);
    const plan = await givenOrganization(database.dataSource, org, { dailyLimit: 3, monthlyLimit: 3 });
    for (let run = 0; run < 3; run++) await admit(plan);
    expect(await admit(plan)).toBeUndefined();

    await database.setClock(after);
    expect(await admit(plan)).toBeDefined();

    expect(await counterOf(database.dataSource, org)).toMatchObject({ daily: 1, monthly: 1 });
  });

  it.each([
    ['2026-12-01T23:59:59Z', '2026-12-02T00:00:00Z'],
    ['2028-02-28T23:59:59Z', '2028-02-29T00:00:00Z'],
  ])('starts the day anew but goes on with the month between %s and %s', async (before, after) => {
    const org = `day_${after.slice(0, 7).replace('-', '_')}`;
    await database.setClock(before);
    const plan = await givenOrganization(database.dataSource, org, { dailyLimit: 3, monthlyLimit: 4 });
    for (let run = 0; run < 3; run++) await admit(plan);
    expect(await admit(plan)).toBeUndefined();

    await database.setClock(after);
    expect(await admit(plan)).toBeDefined();

    expect(await counterOf(database.dataSource, org)).toMatchObject({ daily: 1, monthly: 4 });
    expect(await admit(plan)).toBeUndefined();
  });

  it('never turns the counted day back', async () => {
    await database.setClock('2027-01-01T00:00:00Z');
    const plan = await givenOrganization(database.dataSource, 'late_lock', { dailyLimit: 3 });
    await setCounter('late_lock', 'daily_count = 2');
    await database.setClock('2026-12-31T23:59:59Z');

    expect(await admit(plan)).toBeDefined();
    expect(await admit(plan)).toBeUndefined();

    expect(await counterOf(database.dataSource, 'late_lock')).toMatchObject({ daily: 3 });
    const [counted] = await database.dataSource.query<{ day: string }[]>(
      `SELECT day::text FROM pipelines.usage_counters WHERE org_slug = 'late_lock'`,
    );
    expect(counted).toEqual({ day: '2027-01-01' });
  });

  it('heals a stale run first, so that its slot is free for the new one', async () => {
    const plan = await givenOrganization(database.dataSource, 'healed', { concurrentLimit: 1 });
    const lost = await givenStaleRun(plan);

    expect(await admit(plan)).toBeDefined();

    expect(await runRows('healed')).toMatchObject([
      { id: lost, status: 'failed', error_code: 'worker_lost' },
      { status: 'pending' },
    ]);
    expect(await counterOf(database.dataSource, 'healed')).toMatchObject({
      daily: 1,
      concurrent: 1,
      failed: 1,
    });
  });

  it('heals a stale run once, however many admissions see it', async () => {
    const plan = await givenOrganization(database.dataSource, 'healed_once', { concurrentLimit: 5 });
    for (let lost = 0; lost < 3; lost++) await givenStaleRun(plan);

    const admitted = await Promise.all(Array.from({ length: 30 }, () => admit(plan)));

    expect(admitted.filter(Boolean)).toHaveLength(5);
    expect(await unfinishedRuns(database.dataSource, 'healed_once')).toBe(5);
    expect(await counterOf(database.dataSource, 'healed_once')).toMatchObject({ concurrent: 5, failed: 3 });
  });
});
