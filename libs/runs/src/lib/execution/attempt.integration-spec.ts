import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '@pipelines/queue';
import { v7 as uuidv7 } from 'uuid';
import { TEST_PROOF } from '../../testing/test-proof.ts';
import { givenOrganization } from '../../testing/test-organization.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import { cancelRun } from '../settlement/cancel-run.ts';
import { claimRun, recordProof, startRunning, waitAgain } from './attempt.ts';

describe('the claim of a run', () => {
  const database = useRunDatabase();
  let job: ClaimedJob;

  beforeEach(async () => {
    const org = `org_${uuidv7().replaceAll('-', '').slice(-12)}`;
    const plan = await givenOrganization(database.dataSource, org);
    const window = { start: '2026-01-05', end: '2026-01-06' };
    const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    await admitRun(database.dataSource, { runId: uuidv7(), org, window, ...path }, plan);
    [job] = (await database.queue.claim(1)) as [ClaimedJob];
  });

  /** What is left of the claim when PostgreSQL crashes before it was flushed. */
  const takeBack = () =>
    database.dataSource.query(
      `UPDATE pipelines.runs SET status = 'pending', attempt = attempt - 1 WHERE id = $1`,
      [job.id],
    );

  it('lets no later commit of its connection go unflushed', async () => {
    // The server of the specs flushes nothing. The pool hands out the connection that was given back last.
    await database.dataSource.query('SET synchronous_commit = on');
    await claimRun(database.dataSource, job);

    const rows = await database.dataSource.query('SHOW synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('is refused its start once a crash has taken it back', async () => {
    const attempt = (await claimRun(database.dataSource, job))!;
    await takeBack();

    expect(await startRunning(database.dataSource, attempt, null)).toBe(false);
  });

  it('lets one alone start of two attempts that got the same number', async () => {
    const first = (await claimRun(database.dataSource, job))!;
    await takeBack();
    const second = (await claimRun(database.dataSource, job))!;

    const started = await Promise.all(
      [first, second].map((attempt) => startRunning(database.dataSource, attempt, null)),
    );

    expect(second.number).toBe(first.number);
    expect(started.toSorted()).toEqual([false, true]);
  });

  it('may wait for longer than an integer of milliseconds can tell', async () => {
    const attempt = (await claimRun(database.dataSource, job))!;

    expect(await waitAgain(database.dataSource, attempt, 'retry_backoff', 40 * 86_400_000)).toBe(true);

    expect(await database.queue.claim(1)).toEqual([]);
  });

  it('waits for nothing once the run is to be cancelled', async () => {
    const attempt = (await claimRun(database.dataSource, job))!;
    await cancelRun(database.dataSource, attempt.org, attempt.runId);

    await waitAgain(database.dataSource, attempt, 'retry_backoff', 60_000);

    const [again] = await database.queue.claim(1);
    expect(await claimRun(database.dataSource, again!)).toMatchObject({ cancelRequested: true });
  });

  it('leaves the start of an extraction that may be committed as it was', async () => {
    const first = (await claimRun(database.dataSource, job))!;
    await startRunning(database.dataSource, first, 'hash');
    await recordProof(database.dataSource, first, TEST_PROOF);
    await database.dataSource.query(
      `UPDATE pipelines.runs SET running_at = running_at - interval '1 day' WHERE id = $1`,
      [first.runId],
    );
    await waitAgain(database.dataSource, first, 'retry_backoff', 0);
    const [again] = await database.queue.claim(1);
    const second = (await claimRun(database.dataSource, again!))!;
    const startedDaysAgo = async () => {
      const [row] = await database.dataSource.query<{ days: number }[]>(
        `SELECT extract(day FROM now() - running_at)::int AS days FROM pipelines.runs WHERE id = $1`,
        [first.runId],
      );
      return row!.days;
    };

    await startRunning(database.dataSource, second, null);
    expect(await startedDaysAgo()).toBe(1);

    await waitAgain(database.dataSource, second, 'retry_backoff', 0);
    const [last] = await database.queue.claim(1);
    await startRunning(database.dataSource, (await claimRun(database.dataSource, last!))!, 'hash');
    expect(await startedDaysAgo()).toBe(0);
  });
});
