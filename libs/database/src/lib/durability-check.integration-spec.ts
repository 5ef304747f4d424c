import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { dataSourceOptions } from './data-source.ts';
import { DurabilityCheck } from './durability-check.ts';

describe('DurabilityCheck', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => database.drop());

  /** What is said of `synchronous_commit` at a start with that setting; the server's others differ from place to place. */
  async function warningsAt(synchronousCommit: string): Promise<unknown[]> {
    const name = new URL(database.url).pathname.slice(1);
    await database.dataSource.query(`ALTER DATABASE ${name} SET synchronous_commit = ${synchronousCommit}`);
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const started = await new DataSource(dataSourceOptions(database.url)).initialize();
    try {
      await new DurabilityCheck(started).onModuleInit();
    } finally {
      await started.destroy();
    }
    return warn.mock.calls.flat().filter((message) => String(message).includes('synchronous_commit'));
  }

  it('warns when the database confirms commits before they are on disk', async () => {
    expect(await warningsAt('off')).toEqual([
      expect.stringContaining('synchronous_commit = off: a crash of the server may lose runs'),
    ]);
  });

  it('is silent when it waits for the disk', async () => {
    expect(await warningsAt('local')).toEqual([]);
  });
});
