import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { dataSourceOptions } from '@pipelines/database';
import type { Plan } from '@pipelines/quota';
import { DataSource } from 'typeorm';
import { givenOrganization } from '../../testing/test-organization.ts';
import { TEST_START } from '../../testing/test-start.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import { archiveBatch } from '../archive/archive-runs.ts';
import { startRunning, type Attempt } from './attempt.ts';
import { CommitLine } from './commit-line.ts';
import { askForTurn, nextInLine, removeLeftTurns } from './commit-turns.ts';

const WINDOW = { start: '2026-01-05', end: '2026-01-06' };
const PATH = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
const OPTIONS = { commitPollMs: 2 };
const UNSTOPPED = new AbortController().signal;

describe('CommitLine', () => {
  const database = useRunDatabase();
  const processes: DataSource[] = [];
  let plan: Plan;
  let organizations = 0;
  let line: string;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    for (let index = 0; index < 3; index++) {
      processes.push(await new DataSource(dataSourceOptions(database.url)).initialize());
    }
  });
  beforeEach(async () => {
    plan = await givenOrganization(database.dataSource, `org_${++organizations}`);
    line = `project.dataset.table_${organizations}`;
  });
  afterAll(async () => {
    for (const process of processes) await process.destroy();
  });

  async function givenAttempt(): Promise<Attempt> {
    const runId = randomUUIDv7();
    await admitRun(database.dataSource, { runId, org: plan.org, window: WINDOW, ...PATH }, plan);
    const attempt = await database.claim();
    await startRunning(database.dataSource, attempt!, TEST_START);
    return attempt!;
  }
  const places = async () =>
    (await database.dataSource.query<object[]>('SELECT FROM pipelines.commit_turns WHERE line = $1', [line]))
      .length;
  const change = (attempt: Attempt, set: string) =>
    database.dataSource.query(`UPDATE pipelines.runs SET ${set} WHERE id = $1`, [attempt.runId]);
  const lines = () => processes.map((process) => new CommitLine(process, OPTIONS));

  it('gives turns one after the other, in the order of asking, whatever process asks', async () => {
    const asking = lines();
    const attempts: Attempt[] = [];
    for (let index = 0; index < 12; index++) attempts.push(await givenAttempt());
    const order: string[] = [];
    let atOnce = 0;
    let most = 0;

    const commits: Promise<void>[] = [];
    for (const [index, attempt] of attempts.entries()) {
      await askForTurn(database.dataSource, line, attempt);
      commits.push(
        asking[index % asking.length]!.commit(line, attempt, UNSTOPPED, async () => {
          most = Math.max(most, ++atOnce);
          order.push(attempt.runId);
          await delay(5);
          atOnce--;
        }),
      );
    }
    await Promise.all(commits);

    expect(most).toBe(1);
    expect(order).toEqual(attempts.map(({ runId }) => runId));
    expect(await places()).toBe(0);
  });

  it('never gives two turns at once to many that ask at once', async () => {
    const asking = lines();
    const attempts: Attempt[] = [];
    for (let index = 0; index < 24; index++) attempts.push(await givenAttempt());
    let atOnce = 0;
    let most = 0;

    await Promise.all(
      attempts.map((attempt, index) =>
        asking[index % asking.length]!.commit(line, attempt, UNSTOPPED, async () => {
          most = Math.max(most, ++atOnce);
          await delay(1);
          atOnce--;
        }),
      ),
    );

    expect(most).toBe(1);
    expect(await places()).toBe(0);
  });

  it('lets nobody ask before the one that asked earlier is seen', async () => {
    const [first, second] = [await givenAttempt(), await givenAttempt()];
    const earlier = processes[0]!.createQueryRunner();
    await earlier.startTransaction();
    await askForTurn({ query: earlier.query.bind(earlier) } as unknown as DataSource, line, first);
    let asked = false;

    const asking = askForTurn(database.dataSource, line, second).then(() => (asked = true));
    const WAITS = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
    while (!asked && (await database.dataSource.query<object[]>(WAITS)).length === 0) await delay(1);
    expect(asked).toBe(false);
    await earlier.commitTransaction();
    await earlier.release();
    await asking;

    expect(await nextInLine(database.dataSource, line)).toEqual({ runId: first.runId, number: first.number });
  });

  it('holds up no other target, and nobody where there is no line', async () => {
    const [first, second, third] = [await givenAttempt(), await givenAttempt(), await givenAttempt()];
    const [one, another] = lines();

    const outcome = await one!.commit(line, first, UNSTOPPED, async () => [
      await another!.commit(`${line}_2`, second, UNSTOPPED, () => Promise.resolve('another target')),
      await another!.commit(undefined, third, UNSTOPPED, () => Promise.resolve('no line')),
    ]);

    expect(outcome).toEqual(['another target', 'no line']);
  });

  it.each([
    ['whose lease has expired', `lease_expires_at = now() - interval '1 second'`],
    ['that another attempt has replaced', 'attempt = attempt + 1'],
    ['whose run has ended', `status = 'failed', finished_at = now(), error_code = 'x', error_message = 'x'`],
    ['that waits again', `status = 'pending', lease_expires_at = NULL`],
  ])('passes over an attempt %s', async (_which, state) => {
    const [lost, waiting] = [await givenAttempt(), await givenAttempt()];
    await askForTurn(database.dataSource, line, lost);
    const [process] = lines();
    const committed = process!.commit(line, waiting, UNSTOPPED, () => Promise.resolve('committed'));
    while ((await places()) < 2) await delay(1);
    expect(await nextInLine(database.dataSource, line)).toEqual({ runId: lost.runId, number: lost.number });

    await change(lost, state);

    expect(await committed).toBe('committed');
  });

  it('is left by an attempt that stops waiting, for whatever reason', async () => {
    const [ahead, waiting] = [await givenAttempt(), await givenAttempt()];
    await askForTurn(database.dataSource, line, ahead);
    const stopping = new AbortController();
    const [process] = lines();
    const commit = process!.commit(line, waiting, stopping.signal, () =>
      Promise.reject(new Error('its turn')),
    );
    while ((await places()) < 2) await delay(1);

    stopping.abort(new Error('cancelled'));

    await expect(commit).rejects.toThrow('cancelled');
    expect(await places()).toBe(1);
  });

  it('is left by an attempt whose commit fails', async () => {
    const [process] = lines();
    const commit = process!.commit(line, await givenAttempt(), UNSTOPPED, () =>
      Promise.reject(new Error('refused')),
    );

    await expect(commit).rejects.toThrow('refused');
    expect(await places()).toBe(0);
  });

  it('goes on waiting while the database is away', async () => {
    const attempt = await givenAttempt();
    let failures = 3;
    const flaky = {
      query: (sql: string, values: unknown[]) =>
        failures-- > 0 ? Promise.reject(new Error('away')) : database.dataSource.query(sql, values),
    } as unknown as DataSource;

    const committed = new CommitLine(flaky, OPTIONS).commit(line, attempt, UNSTOPPED, () =>
      Promise.resolve(failures),
    );

    expect(await committed).toBeLessThan(0);
    expect(await places()).toBe(0);
  });

  it('keeps no place of an attempt that is no longer at work', async () => {
    const [taken, late] = [await givenAttempt(), await givenAttempt()];
    await askForTurn(database.dataSource, line, taken);
    await askForTurn(database.dataSource, line, late);
    await change(taken, 'attempt = attempt + 1');
    await change(late, `lease_expires_at = now() - interval '1 second'`);

    await removeLeftTurns(database.dataSource);

    expect(await places()).toBe(1);
    await change(late, `lease_expires_at = now() + interval '30 seconds'`);
    expect(await nextInLine(database.dataSource, line)).toEqual({ runId: late.runId, number: late.number });
  });

  it('goes to the archive with no run', async () => {
    const attempt = await givenAttempt();
    await askForTurn(database.dataSource, line, attempt);
    await change(
      attempt,
      `status = 'failed', finished_at = now() - interval '2 days', error_code = 'x', error_message = 'x'`,
    );

    await archiveBatch(database.dataSource, 1, 100);

    expect(await places()).toBe(0);
  });
});
