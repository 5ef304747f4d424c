import { PgBoss } from 'pg-boss';

const QUEUE = 'empty';

/**
 * Jobs per second that pg-boss alone fetches and completes, in a schema of its own on the same PostgreSQL: as many at
 * once as there are slots, each completed by itself, and new ones fetched for the slots that have become free. All jobs
 * wait already when the clock starts.
 */
export async function bareQueueRate(url: string, total: number, slots: number): Promise<number> {
  const boss = new PgBoss({ connectionString: url, schema: 'bare_queue', max: slots, supervise: false });
  await boss.start();
  try {
    await boss.createQueue(QUEUE);
    await boss.insert(
      QUEUE,
      Array.from({ length: total }, () => ({})),
    );
    const startedAt = performance.now();
    await drain(boss, total, slots);
    return total / ((performance.now() - startedAt) / 1000);
  } finally {
    await boss.stop({ graceful: false });
  }
}

async function drain(boss: PgBoss, total: number, slots: number): Promise<void> {
  const active = new Set<Promise<void>>();
  for (let fetched = 0; fetched < total;) {
    const jobs = await boss.fetch(QUEUE, { batchSize: slots - active.size });
    fetched += jobs.length;
    for (const { id } of jobs) {
      const completing = boss.complete(QUEUE, id).then(() => void active.delete(completing));
      active.add(completing);
    }
    await Promise.race(active);
  }
  await Promise.all(active);
}
