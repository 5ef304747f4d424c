import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { givenOrganization, UNLIMITED } from '../../testing/test-organization.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import type { RunExecutor } from './run.executor.ts';
import { RunWorker } from './run.worker.ts';

/** Two steps of a run, which take as long as the spec wants. */
interface Steps {
  readonly work: PromiseWithResolvers<void>;
  readonly settlement: PromiseWithResolvers<void>;
}

describe('RunWorker with one slot', () => {
  const database = useRunDatabase();
  const org = 'acme';
  let begun: EventEmitter;
  let runs: Steps[];
  let worker: RunWorker;

  beforeEach(async () => {
    begun = new EventEmitter();
    runs = [];
    const execute: RunExecutor['execute'] = async () => {
      const steps = { work: Promise.withResolvers<void>(), settlement: Promise.withResolvers<void>() };
      begun.emit('run', runs.push(steps));
      await steps.work.promise;
      return () => steps.settlement.promise;
    };
    const options = { executes: true, concurrency: 1, shutdownGraceMs: 10_000, archiveAfterDays: 90 };
    worker = new RunWorker(database.dataSource, database.queue, { execute } as RunExecutor, options);
    await givenOrganization(database.dataSource, org);
  });

  afterEach(async () => {
    for (const { work, settlement } of runs) {
      work.resolve();
      settlement.resolve();
    }
    await worker.beforeApplicationShutdown();
    await database.dataSource.query('TRUNCATE pipelines.organizations CASCADE; TRUNCATE pgboss.job');
  });

  async function givenWaitingRuns(count: number): Promise<void> {
    const window = { start: '2026-01-05', end: '2026-01-06' };
    const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    for (let index = 0; index < count; index++) {
      await admitRun(database.dataSource, { runId: uuidv7(), org, window, ...path }, { ...UNLIMITED, org });
    }
  }

  /** Lets the worker notice what it would claim, and waits until it has ended what it began. */
  async function stop(): Promise<void> {
    database.queue.wake();
    await worker.beforeApplicationShutdown();
  }

  it('begins the next run when the work of one is done, while that is settled', async () => {
    await givenWaitingRuns(2);
    const first = once(begun, 'run');
    worker.onApplicationBootstrap();
    await first;

    const second = once(begun, 'run');
    runs[0]!.work.resolve();

    await expect(second).resolves.toEqual([2]);
  });

  it('begins no run while one is at work', async () => {
    await givenWaitingRuns(2);
    const first = once(begun, 'run');
    worker.onApplicationBootstrap();
    await first;

    const stopped = stop();
    runs[0]!.work.resolve();
    runs[0]!.settlement.resolve();
    await stopped;

    expect(runs).toHaveLength(1);
  });

  it('begins no third run while two are not settled', async () => {
    await givenWaitingRuns(3);
    const first = once(begun, 'run');
    worker.onApplicationBootstrap();
    await first;
    const second = once(begun, 'run');
    runs[0]!.work.resolve();
    await second;

    runs[1]!.work.resolve();
    await database.dataSource.query('SELECT 1');
    const stopped = stop();
    for (const { settlement } of runs) settlement.resolve();
    await stopped;

    expect(runs).toHaveLength(2);
  });

  it('does not stop before the last settlement', async () => {
    await givenWaitingRuns(1);
    const first = once(begun, 'run');
    worker.onApplicationBootstrap();
    await first;
    runs[0]!.work.resolve();

    const stopped = worker.beforeApplicationShutdown().then(() => 'stopped');
    const asked = database.dataSource.query('SELECT 1').then(() => 'asked');

    await expect(Promise.race([stopped, asked])).resolves.toBe('asked');
  });
});
