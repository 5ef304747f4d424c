import { afterAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createEmptyDatabase, createTestDatabase, type EmptyDatabase } from './index.ts';

describe('test databases', () => {
  const made: EmptyDatabase[] = [];

  afterAll(() => Promise.all(made.map((database) => database.drop())));

  it('are migrated, and share no rows', async () => {
    const [left, right] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    made.push(left, right);

    await left.dataSource.query(`INSERT INTO pipelines.organizations (slug, name) VALUES ('acme', 'Acme')`);

    expect(await left.dataSource.query('SELECT slug FROM pipelines.organizations')).toEqual([
      { slug: 'acme' },
    ]);
    expect(await right.dataSource.query('SELECT slug FROM pipelines.organizations')).toEqual([]);
  });

  it('are without our schema when asked for empty', async () => {
    const database = await createEmptyDatabase();
    made.push(database);
    const client = new Client({ connectionString: database.url });
    await client.connect();

    const { rows } = await client.query(`SELECT nspname FROM pg_namespace WHERE nspname = 'pipelines'`);
    await client.end();

    expect(rows).toEqual([]);
  });

  it('are gone once dropped', async () => {
    const database = await createTestDatabase();

    await database.drop();

    const client = new Client({ connectionString: database.url });
    await expect(client.connect()).rejects.toMatchObject({ code: '3D000' });
  });
});
