import { afterAll, beforeAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@pipelines/database/testing';
import { Boss, RunQueue } from '@pipelines/queue';
import type { DataSource } from 'typeorm';
import type { Attempt } from '../lib/execution/attempt.ts';
import { claimRuns } from '../lib/execution/claim-runs.ts';
import { AnyRunEntity } from '../lib/archive/any-run.entity.ts';
import { RunEntity } from '../lib/run.entity.ts';

/** In the middle of a month and of a day: a spec that moves on a day stays within the month. */
const CLOCK = '2026-03-14T12:00:00Z';

/**
 * The migrated database and the queue of one spec file; both are there from `beforeAll` to `afterAll`. The clock that
 * days are counted by stands still.
 */
export class RunDatabase {
  private database?: TestDatabase;
  private boss?: Boss;
  private runQueue?: RunQueue;

  get url(): string {
    return this.database!.url;
  }

  get dataSource(): DataSource {
    return this.database!.dataSource;
  }

  get queue(): RunQueue {
    return this.runQueue!;
  }

  /** Sets the clock that days and months are counted by. */
  setClock(time: string): Promise<void> {
    return this.database!.setClock(time);
  }

  /** Claims the next of the runs that wait, as a worker does. */
  async claim(): Promise<Attempt | undefined> {
    const [attempt] = await claimRuns(this.dataSource, 1);
    return attempt;
  }

  async open(): Promise<void> {
    this.database = await createTestDatabase({ entities: [RunEntity, AnyRunEntity] });
    await this.setClock(CLOCK);
    this.boss = new Boss({ url: this.url });
    this.runQueue = new RunQueue(this.boss);
    await this.boss.onModuleInit();
  }

  async close(): Promise<void> {
    await this.boss?.onApplicationShutdown();
    await this.database?.drop();
  }
}

/** Gives the spec file a database of its own with the queue set up in it. */
export function useRunDatabase(): RunDatabase {
  const database = new RunDatabase();
  beforeAll(() => database.open());
  afterAll(() => database.close());
  return database;
}
