import { randomUUIDv7 } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { TEST_PROOF } from '../../testing/test-proof.ts';
import { givenOrganization } from '../../testing/test-organization.ts';
import { TEST_START } from '../../testing/test-start.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import { cancelRun } from '../settlement/cancel-run.ts';
import { recordProof, startRunning, waitAgain, type Attempt } from './attempt.ts';

describe('an attempt', () => {
  const database = useRunDatabase();
  let attempt: Attempt;

  beforeEach(async () => {
    const org = `org_${randomUUIDv7().replaceAll('-', '').slice(-12)}`;
    const plan = await givenOrganization(database.dataSource, org);
    const window = { start: '2026-01-05', end: '2026-01-06' };
    const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    await admitRun(database.dataSource, { runId: randomUUIDv7(), org, window, ...path }, plan);
    attempt = (await database.claim())!;
  });

  it('lets no later commit of its connection go unflushed by its start', async () => {
    // The server of the specs flushes nothing. The pool hands out the connection that was given back last.
    await database.dataSource.query('SET synchronous_commit = on');
    await startRunning(database.dataSource, attempt, TEST_START);

    const rows = await database.dataSource.query('SHOW synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('records no proof once a crash has taken its start back', async () => {
    await startRunning(database.dataSource, attempt, TEST_START);
    await database.dataSource.query(`UPDATE pipelines.runs SET status = 'validating' WHERE id = $1`, [
      attempt.runId,
    ]);

    expect(await recordProof(database.dataSource, attempt, TEST_PROOF)).toBe(false);
  });

  it('may wait for longer than an integer of milliseconds can tell', async () => {
    expect(await waitAgain(database.dataSource, attempt, 'retry_backoff', 40 * 86_400_000)).toBe(true);

    expect(await database.claim()).toBeUndefined();
  });

  it('waits for nothing once the run is to be cancelled', async () => {
    await cancelRun(database.dataSource, attempt.org, attempt.runId);

    await waitAgain(database.dataSource, attempt, 'retry_backoff', 60_000);

    expect(await database.claim()).toMatchObject({ cancelRequested: true });
  });

  it('leaves the start of an extraction that may be committed as it was', async () => {
    const first = attempt;
    await startRunning(database.dataSource, first, TEST_START);
    await recordProof(database.dataSource, first, TEST_PROOF);
    await database.dataSource.query(
      `UPDATE pipelines.runs SET running_at = running_at - interval '1 day' WHERE id = $1`,
      [first.runId],
    );
    await waitAgain(database.dataSource, first, 'retry_backoff', 0);
    const second = (await database.claim())!;
    const startedDaysAgo = async () => {
      const [row] = await database.dataSource.query<{ days: number }[]>(
        `SELECT extract(day FROM now() - running_at)::int AS days FROM pipelines.runs WHERE id = $1`,
        [first.runId],
      );
      return row!.days;
    };

    await startRunning(database.dataSource, second);
    expect(await startedDaysAgo()).toBe(1);

    await waitAgain(database.dataSource, second, 'retry_backoff', 0);
    await startRunning(database.dataSource, (await database.claim())!, TEST_START);
    expect(await startedDaysAgo()).toBe(0);
  });
});
