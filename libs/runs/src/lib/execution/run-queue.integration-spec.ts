import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { Boss, enqueueSql, requeueSql, RunQueue } from '@pipelines/queue';

describe('the queue that runs rely on', () => {
  const database = useRunDatabase();

  async function enqueue(org = 'acme_corp', priority = 0): Promise<string> {
    const id = uuidv7();
    await database.dataSource.query(
      `WITH admitted AS (SELECT $1::uuid AS id, $2 AS org_slug, $3::int AS priority), queued AS (${enqueueSql('admitted')})
       SELECT id FROM queued`,
      [id, org, priority],
    );
    return id;
  }

  const requeue = (id: string, delay: string) =>
    database.dataSource.query(
      `WITH waiting AS (SELECT $1::uuid AS id), requeued AS (${requeueSql('waiting', '$2::interval')})
       SELECT id FROM requeued`,
      [id, delay],
    );

  it('gives each job to one of many that ask at once, oldest first', async () => {
    const ids = [await enqueue(), await enqueue(), await enqueue(), await enqueue()];

    const claims = await Promise.all(Array.from({ length: 10 }, () => database.queue.claim(1)));

    expect(
      claims
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ids);
    for (const job of claims.flat()) await database.queue.complete(job);
  });

  it('gives a free slot first to an organization that has nothing at work, and leaves none idle', async () => {
    for (let jobs = 0; jobs < 5; jobs++) await enqueue('hog');
    const [working] = await database.queue.claim(1);
    const waiting = await enqueue('small', -10);

    const [first] = await database.queue.claim(1);
    const rest = await database.queue.claim(10);

    expect(first!.id).toBe(waiting);
    expect(rest).toHaveLength(4);
    for (const job of [working!, first!, ...rest]) await database.queue.complete(job);
  });

  it('claims no more than it is asked for', async () => {
    await enqueue();
    await enqueue();

    const first = await database.queue.claim(1);
    const rest = await database.queue.claim(5);

    expect([first.length, rest.length]).toEqual([1, 1]);
    for (const job of [...first, ...rest]) await database.queue.complete(job);
    expect(await database.queue.claim(5)).toEqual([]);
  });

  it('offers a released job again, as a later claim, and takes nothing from the earlier one', async () => {
    const id = await enqueue();
    const [earlier] = await database.queue.claim(1);
    await requeue(id, '0');

    const [later] = await database.queue.claim(1);

    expect(later).toEqual({ id, retryCount: 1 });
    expect(await database.queue.touch(earlier!)).toBe(false);
    await database.queue.complete(earlier!);
    expect(await database.queue.touch(later!)).toBe(true);
    await database.queue.complete(later!);
    expect(await database.queue.touch(later!)).toBe(false);
  });

  it('holds a job back until its delay has passed', async () => {
    const id = await enqueue();
    await database.queue.claim(1);
    await requeue(id, '1 hour');

    expect(await database.queue.claim(1)).toEqual([]);

    await database.dataSource.query(`UPDATE pgboss.job SET start_after = now() WHERE id = $1`, [id]);
    const [later] = await database.queue.claim(1);
    expect(later).toEqual({ id, retryCount: 1 });
    await database.queue.complete(later!);
  });

  it('never gives a job up, however often its worker is lost', async () => {
    const id = await enqueue();
    for (let claims = 0; claims < 30; claims++) {
      const [job] = await database.queue.claim(1);
      expect(job).toEqual({ id, retryCount: claims });
      await requeue(id, '0');
    }
    const [last] = await database.queue.claim(1);
    await database.queue.complete(last!);
  });

  it('wakes whoever listens', () => {
    let woken = 0;
    database.queue.onWake(() => woken++);

    database.queue.wake();

    expect(woken).toBe(1);
  });

  it('can be set up again beside a running one', async () => {
    const boss = new Boss({ url: database.url });
    const another = new RunQueue(boss);

    await boss.onModuleInit();

    const id = await enqueue();
    const [job] = await another.claim(1);
    expect(job?.id).toBe(id);
    await another.complete(job!);
    await boss.onApplicationShutdown();
  });
});
