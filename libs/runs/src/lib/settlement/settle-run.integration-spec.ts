import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@pipelines/database/testing';
import { PipelineError } from '@pipelines/pipeline';
import { RunQueue } from '@pipelines/queue';
import { v7 as uuidv7 } from 'uuid';
import { counterOf, givenOrganization, unfinishedRuns } from '../../testing/test-organization.ts';
import { admitRun } from '../admission/admit-run.ts';
import { claimRun, giveBack, renewLease, startRunning, type Attempt } from '../execution/attempt.ts';
import type { RunReceipt } from '../run.entity.ts';
import { settleCompleted, settleFailed } from './settle-run.ts';
import { healStaleRuns } from './stale-runs.ts';

const RECEIPT: RunReceipt = {
  target: 'acme_dev.openai_costs',
  write_disposition: 'replace_partitions',
  rows: { extracted: 3, staged: 3, committed: 3, replaced: 0 },
  money: { extracted: [], staged: [] },
  job_ids: [],
  already_committed: false,
};
const ERROR = new PipelineError('provider_unavailable', 'openai answered with a server error (HTTP 500).');

describe('the end of a run', () => {
  let database: TestDatabase;
  let queue: RunQueue;
  let organizations = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    queue = new RunQueue({ url: database.url });
    await queue.onModuleInit();
  });

  afterAll(async () => {
    await queue.onApplicationShutdown();
    await database.drop();
  });

  /** An admitted run of an organization of its own, claimed by a first attempt. */
  async function givenAttempt(): Promise<Attempt> {
    const org = `org_${++organizations}`;
    const plan = await givenOrganization(database.dataSource, org);
    const runId = uuidv7();
    const window = { start: '2026-11-01', end: '2026-11-02' };
    await admitRun(
      database.dataSource,
      { runId, org, provider: 'openai', domain: 'cost', pipeline: 'costs_daily', window },
      plan,
    );
    return (await claimRun(database.dataSource, runId))!;
  }

  const start = (attempt: Attempt) => startRunning(database.dataSource, attempt, 'hash');
  const complete = (attempt: Attempt) => settleCompleted(database.dataSource, attempt, RECEIPT);
  const fail = (attempt: Attempt) => settleFailed(database.dataSource, attempt, ERROR, 2);
  const statusOf = async ({ runId }: Attempt) => {
    const [row] = await database.dataSource.query<{ status: string }[]>(
      'SELECT status FROM pipelines.runs WHERE id = $1',
      [runId],
    );
    return row!.status;
  };

  it('completes a running run once and frees its slot once', async () => {
    const attempt = await givenAttempt();
    await start(attempt);

    const settled = await Promise.all([complete(attempt), complete(attempt), fail(attempt)]);

    expect(settled.filter(Boolean)).toHaveLength(1);
    const counter = await counterOf(database.dataSource, attempt.org);
    expect(counter.concurrent).toBe(0);
    expect(counter.completed + counter.failed).toBe(1);
  });

  it('does not complete a run that never ran', async () => {
    const attempt = await givenAttempt();

    expect(await complete(attempt)).toBe(false);
    expect(await statusOf(attempt)).toBe('validating');
    expect(await counterOf(database.dataSource, attempt.org)).toMatchObject({ concurrent: 1, completed: 0 });
  });

  it('fails a run from validating and from running', async () => {
    const validating = await givenAttempt();
    const running = await givenAttempt();
    await start(running);

    expect(await fail(validating)).toBe(true);
    expect(await fail(running)).toBe(true);

    expect(await statusOf(validating)).toBe('failed');
    expect(await counterOf(database.dataSource, running.org)).toMatchObject({ concurrent: 0, failed: 1 });
  });

  it('refuses every write of an attempt that was taken over', async () => {
    const stale = await givenAttempt();
    await start(stale);
    const newest = (await claimRun(database.dataSource, stale.runId))!;

    expect(newest.number).toBe(2);
    expect(await renewLease(database.dataSource, stale, 10)).toBe(false);
    expect(await start(stale)).toBe(false);
    expect(await complete(stale)).toBe(false);
    expect(await fail(stale)).toBe(false);
    expect(await giveBack(database.dataSource, stale)).toBe(false);
    expect(await statusOf(stale)).toBe('validating');

    await start(newest);
    expect(await complete(newest)).toBe(true);
    expect(await counterOf(database.dataSource, stale.org)).toMatchObject({
      concurrent: 0,
      completed: 1,
      failed: 0,
    });
  });

  it('gives no attempt at a run that has ended', async () => {
    const attempt = await givenAttempt();
    await fail(attempt);

    expect(await claimRun(database.dataSource, attempt.runId)).toBeUndefined();
  });

  it('keeps the slot of a run that a stopping worker gave back', async () => {
    const attempt = await givenAttempt();
    await start(attempt);

    expect(await giveBack(database.dataSource, attempt)).toBe(true);

    expect(await statusOf(attempt)).toBe('pending');
    expect(await counterOf(database.dataSource, attempt.org)).toMatchObject({ concurrent: 1 });
    expect(await claimRun(database.dataSource, attempt.runId)).toMatchObject({ number: 2 });
  });

  it('gives up lost runs of every organization, and no other, when the healer comes round', async () => {
    const lost = [await givenAttempt(), await givenAttempt()];
    const alive = await givenAttempt();
    for (const { runId } of lost) {
      await database.dataSource.query(
        `UPDATE pipelines.runs SET lease_expires_at = now() - interval '1 hour' WHERE id = $1`,
        [runId],
      );
    }

    const rounds = await Promise.all([
      healStaleRuns(database.dataSource),
      healStaleRuns(database.dataSource),
    ]);

    expect(rounds.flat().sort()).toEqual(lost.map(({ runId }) => runId).sort());
    expect(await statusOf(alive)).toBe('validating');
    for (const { org } of lost) {
      expect(await counterOf(database.dataSource, org)).toMatchObject({ concurrent: 0, failed: 1 });
      expect(await unfinishedRuns(database.dataSource, org)).toBe(0);
    }
  });
});
