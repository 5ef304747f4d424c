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
    await database.dataSource.query(
      `CREATE OR REPLACE FUNCTION pipelines.utc_now() RETURNS timestamptz LANGUAGE sql STABLE
       AS $$ SELECT now() + interval '40 days' $$`,
    );
    const clock = new DatabaseClock(database.dataSource);
    await clock.onModuleInit();
    clock.onModuleDestroy();

    const ahead = clock.now().getTime() - Date.now();
    expect(Math.abs(ahead - 40 * 86_400_000)).toBeLessThan(5_000);
  });
});
