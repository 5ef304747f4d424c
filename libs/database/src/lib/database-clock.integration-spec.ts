import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { DatabaseClock } from './database-clock.ts';

describe('DatabaseClock', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('tells the time of the database, whatever the clock of the process says', async () => {
    await database.setClock('2031-02-03T04:05:06Z');
    const clock = new DatabaseClock(database.dataSource);
    await clock.onModuleInit();
    clock.onModuleDestroy();

    const since = clock.now().getTime() - Date.parse('2031-02-03T04:05:06Z');
    expect(since).toBeGreaterThanOrEqual(0);
    expect(since).toBeLessThan(5_000);
  });
});
