import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions, SCHEMA } from './data-source.ts';

/** Any constant of our own: it only has to differ from the advisory locks of other programs. */
const MIGRATION_LOCK = 7_264_201_311;

/**
 * Brings the database to the newest schema. Safe to call again, and from several processes at once: the later
 * ones wait for the first and find nothing left to do.
 *
 * The lock is held by a session of its own, so the URL must not be a transaction-mode pooler.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const lock = new Client({ connectionString: url });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await lock.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
    const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
    try {
      await dataSource.runMigrations({ transaction: 'all' });
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await lock.end();
  }
}
