import { randomUUIDv7 } from 'node:crypto';
import { Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@pipelines/database/testing';
import { Boss, enqueueSql, requeueSql, RunQueue } from '@pipelines/queue';
import type { Plan } from '@pipelines/quota';
import { givenOrganization } from '../../testing/test-organization.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import { cancelRun } from '../settlement/cancel-run.ts';
import type { Attempt } from './attempt.ts';
import { claimRuns, claimStatement } from './claim-runs.ts';

const PIPELINE = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
const WINDOW = { start: '2026-01-05', end: '2026-01-06' };

describe('the claim of runs', () => {
  const database = useRunDatabase();

  let plan: Plan;

  beforeAll(async () => {
    for (const org of ['acme_corp', 'hog', 'small']) plan = await givenOrganization(database.dataSource, org);
  });
  afterEach(() => database.dataSource.query('TRUNCATE pipelines.runs, pgboss.job CASCADE'));

  async function givenRun(org = 'acme_corp'): Promise<string> {
    const runId = randomUUIDv7();
    await admitRun(database.dataSource, { runId, org, window: WINDOW, ...PIPELINE }, plan);
    return runId;
  }

  const claim = (limit: number) => claimRuns(database.dataSource, limit);
  const idsOf = (attempts: readonly Attempt[]) => attempts.map(({ runId }) => runId);
  const touch = ({ runId, claim }: Attempt) => database.queue.touch({ id: runId, retryCount: claim });

  const requeue = (id: string, delay: string) =>
    database.dataSource.query(
      `WITH waiting AS (SELECT $1::uuid AS id), requeued AS (${requeueSql('waiting', '$2::interval')})
       SELECT id FROM requeued`,
      [id, delay],
    );

  it('gives each run to one of many that ask at once', async () => {
    const runs = [await givenRun(), await givenRun(), await givenRun(), await givenRun()];

    const claims = await Promise.all(Array.from({ length: 10 }, () => claim(1)));

    expect(idsOf(claims.flat()).toSorted()).toEqual(runs);
  });

  it('gives the oldest run of an organization first', async () => {
    const oldest = await givenRun();
    await givenRun();

    expect(idsOf(await claim(1))).toEqual([oldest]);
  });

  it('gives a free slot first to an organization that has nothing at work, and leaves none idle', async () => {
    for (let runs = 0; runs < 5; runs++) await givenRun('hog');
    await claim(1);
    await database.dataSource.query('UPDATE pgboss.job SET priority = priority + 100');
    const waiting = await givenRun('small');

    expect(idsOf(await claim(1))).toEqual([waiting]);
    expect(await claim(10)).toHaveLength(4);
  });

  it('gives a run to each organization before any gets a second', async () => {
    for (let runs = 0; runs < 5; runs++) await givenRun('hog');
    const waiting = await givenRun('small');

    expect(idsOf(await claim(2))).toContain(waiting);
  });

  it('claims no more than it is asked for', async () => {
    await givenRun();
    await givenRun();

    expect(await claim(1)).toHaveLength(1);
    expect(await claim(5)).toHaveLength(1);
    expect(await claim(5)).toEqual([]);
  });

  it('offers a released run again, as a later claim, and takes nothing from the earlier one', async () => {
    const id = await givenRun();
    const [earlier] = await claim(1);
    await requeue(id, '0');

    const [later] = await claim(1);

    expect(later).toMatchObject({ runId: id, claim: 1, number: 2 });
    expect(await touch(earlier!)).toBe(false);
    expect(await touch(later!)).toBe(true);
  });

  it('holds a run back until its delay has passed', async () => {
    const id = await givenRun();
    await claim(1);
    await requeue(id, '1 hour');

    expect(await claim(1)).toEqual([]);

    await database.dataSource.query(`UPDATE pgboss.job SET start_after = now() WHERE id = $1`, [id]);
    expect(await claim(1)).toMatchObject([{ runId: id, claim: 1 }]);
  });

  it('never gives a run up, however often its worker is lost', async () => {
    const id = await givenRun();
    for (let claims = 0; claims < 30; claims++) {
      expect(await claim(1)).toMatchObject([{ runId: id, claim: claims, lostAttempts: claims }]);
      await requeue(id, '0');
    }
  });

  it('passes over a run that somebody else is about to change, and waits for nobody', async () => {
    const held = await givenRun();
    const free = await givenRun();
    const holder = database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM pipelines.runs WHERE id = $1 FOR UPDATE', [held]);

    expect(idsOf(await claim(2))).toEqual([free]);

    await holder.rollbackTransaction();
    await holder.release();
    expect(idsOf(await claim(2))).toEqual([held]);
  });

  it('meets cancellations without a deadlock', async () => {
    const runs = await Promise.all(Array.from({ length: 60 }, () => givenRun()));

    const cancelled = Promise.all(runs.map((id) => cancelRun(database.dataSource, 'acme_corp', id)));
    const claimed = await Promise.all(Array.from({ length: 60 }, () => claim(1)));

    const outcomes = await cancelled;
    expect(claimed.flat()).toHaveLength(outcomes.filter((outcome) => outcome === 'requested').length);
  });

  it('reads neither all runs nor all jobs, however many there are', async () => {
    const jobs = `WITH waiting AS (
      INSERT INTO pipelines.runs (id, org_slug, provider, domain, pipeline, status, window_start, window_end, counted_on)
      SELECT gen_random_uuid(), 'hog', 'openai', 'cost', 'costs_daily', 'pending', '2026-01-05', '2026-01-06', '2026-01-05'
      FROM generate_series(1, 3000) RETURNING id, org_slug, 0 AS priority
    ), queued AS (${enqueueSql('waiting')}) SELECT FROM queued`;
    await database.dataSource.query(jobs);
    await database.dataSource.query('ANALYZE pipelines.runs, pgboss.job');

    const lines = await database.dataSource.query<{ 'QUERY PLAN': string }[]>(
      `EXPLAIN ${claimStatement(4).text}`,
    );

    const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Scan using j\w+_pkey on j\w+ job/);
    expect(plan).not.toMatch(/Seq Scan on (runs|j)/);
  });

  it('can be made through a queue that was set up beside a running one', async () => {
    const sockets: Socket[] = [];
    const stream = () => sockets[sockets.push(new Socket()) - 1]!;
    const boss = new Boss({ url: database.url, stream });
    await boss.onModuleInit();
    const another = new RunQueue(boss);
    await givenRun();

    const [attempt] = await claim(1);

    const touch = () => another.touch({ id: attempt!.runId, retryCount: attempt!.claim });
    expect(await touch()).toBe(true);
    expect(sockets).not.toEqual([]);
    for (const socket of sockets) socket.destroy(new Error('Given up.'));
    expect(await touch()).toBe(true);
    await boss.onApplicationShutdown();
  });

  it.each([
    ['set up anew, in a table of its own', undefined, false],
    ['of an earlier release, in the table of all queues', { partition: false }, true],
  ])('can be made through a queue %s', async (_how, before, shared) => {
    const { dataSource, url, drop } = await createTestDatabase();
    const boss = new Boss({ url });
    await boss.pgBoss.start();
    if (before) await boss.pgBoss.createQueue('runs', before);
    await boss.onModuleInit();
    const run = { runId: randomUUIDv7(), org: 'acme_corp', window: WINDOW, ...PIPELINE };

    await admitRun(dataSource, run, await givenOrganization(dataSource, 'acme_corp'));

    expect(await claimRuns(dataSource, 1)).toMatchObject([{ runId: run.runId, number: 1 }]);
    const [queue] = await boss.pgBoss.getQueues(['runs']);
    expect(queue).toMatchObject({ heartbeatSeconds: 15 });
    expect(queue!.table === 'job_common').toBe(shared);
    await boss.onApplicationShutdown();
    await drop();
  });
});
