import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { PreparedStatement } from './prepared-statement.ts';

const ADD = new PreparedStatement<{ slug: string }>(
  'add_organization',
  'INSERT INTO pipelines.organizations (slug, name) VALUES ($1, $1) RETURNING slug',
);

describe('PreparedStatement', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('tells the rows and how many it touched', async () => {
    expect(await ADD.run(database.dataSource, ['acme'])).toEqual({ rows: [{ slug: 'acme' }], affected: 1 });
  });

  it('is parsed once by a connection, however often it runs', async () => {
    for (const slug of ['one', 'two', 'three']) await ADD.run(database.dataSource, [slug]);

    const known = await database.dataSource.query<{ name: string; runs: number }[]>(
      `SELECT name, (generic_plans + custom_plans)::int AS runs FROM pg_prepared_statements`,
    );
    expect(known).toEqual([{ name: 'add_organization', runs: expect.any(Number) }]);
    expect(known[0]!.runs).toBeGreaterThanOrEqual(3);
  });

  it('fails with the code and the constraint that PostgreSQL names, and can be run again', async () => {
    await ADD.run(database.dataSource, ['twice']);

    await expect(ADD.run(database.dataSource, ['twice'])).rejects.toMatchObject({
      code: '23505',
      constraint: 'organizations_pkey',
    });
    expect(await ADD.run(database.dataSource, ['thrice'])).toMatchObject({ affected: 1 });
  });
});
