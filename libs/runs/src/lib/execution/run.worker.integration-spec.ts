import { randomUUIDv7 } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { givenOrganization, UNLIMITED } from '../../testing/test-organization.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import type { RunExecutor } from './run.executor.ts';
import { RunWorker } from './run.worker.ts';

describe('RunWorker with two slots', () => {
  const database = useRunDatabase();
  const org = 'acme';
  /** Tells the number of runs that were begun so far. */
  let begun: EventEmitter<{ run: [number] }>;
  /** The runs that were begun; each goes on until the spec ends it. */
  let runs: PromiseWithResolvers<void>[];
  let worker: RunWorker;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    // Without its poll, a worker notices only what it is told of.
    jest.spyOn(globalThis, 'setInterval').mockReturnValue(undefined as unknown as NodeJS.Timeout);
    begun = new EventEmitter();
    runs = [];
    const execute: RunExecutor['execute'] = () => {
      const run = Promise.withResolvers<void>();
      begun.emit('run', runs.push(run));
      return run.promise;
    };
    const options = { executes: true, concurrency: 2, shutdownGraceMs: 10_000, archiveAfterDays: 90 };
    worker = new RunWorker(database.dataSource, database.queue, { execute } as RunExecutor, options);
    await givenOrganization(database.dataSource, org);
  });

  afterEach(async () => {
    for (const run of runs) run.resolve();
    await worker.beforeApplicationShutdown();
    jest.restoreAllMocks();
    await database.dataSource.query('TRUNCATE pipelines.organizations CASCADE; TRUNCATE pgboss.job');
  });

  async function givenWaitingRuns(count: number): Promise<void> {
    const window = { start: '2026-01-05', end: '2026-01-06' };
    const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    for (let index = 0; index < count; index++) {
      await admitRun(
        database.dataSource,
        { runId: randomUUIDv7(), org, window, ...path },
        { ...UNLIMITED, org },
      );
    }
  }

  /** Both slots are taken by then. */
  async function startWorker(): Promise<void> {
    worker.onApplicationBootstrap();
    while (runs.length < 2) await once(begun, 'run');
  }

  it('begins as many runs as it has slots, and another whenever one has ended', async () => {
    await givenWaitingRuns(4);
    await startWorker();

    const third = once(begun, 'run');
    runs[0]!.resolve();
    await expect(third).resolves.toEqual([3]);
    const fourth = once(begun, 'run');
    runs[2]!.resolve();
    await expect(fourth).resolves.toEqual([4]);
  });

  it('goes on when the outcome of a run could not be written', async () => {
    await givenWaitingRuns(4);
    await startWorker();

    for (const run of runs.slice()) run.reject(new Error('The database is away.'));
    while (runs.length < 4) await once(begun, 'run');

    expect(runs).toHaveLength(4);
  });

  it('begins a run that it is told of', async () => {
    worker.onApplicationBootstrap();
    await givenWaitingRuns(1);

    const first = once(begun, 'run');
    database.queue.wake();

    await expect(first).resolves.toEqual([1]);
  });

  it('stops when its runs have ended, and begins no other', async () => {
    await givenWaitingRuns(3);
    await startWorker();

    const stopped = worker.beforeApplicationShutdown().then(() => 'stopped');
    const asked = database.dataSource.query('SELECT 1').then(() => 'asked');
    await expect(Promise.race([stopped, asked])).resolves.toBe('asked');
    for (const run of runs) run.resolve();
    await stopped;

    expect(runs).toHaveLength(2);
  });
});
