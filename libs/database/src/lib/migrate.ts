import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions, SCHEMA } from './data-source.ts';

/** Any constant of our own: it only has to differ from the advisory locks of other programs. */
const MIGRATION_LOCK = 7_264_201_311;

/** As `server_version_num` has it. */
const OLDEST_SERVER = 150_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings the database to the newest schema. Safe to call again, and from several processes at once: the later
 * ones wait for the first and find nothing left to do.
 *
 * The lock is held by a session of its own, so the URL must not be a transaction-mode pooler.
 * @throws Error naming host and database when it cannot be reached, or is older than PostgreSQL 15.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const lock = await connect(url);
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

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection that drops while it waits for the lock is reported by the query that waits.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const { host, pathname } = new URL(url);
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new Error(`PostgreSQL at ${host}${pathname} cannot be reached (${reason}). Check DATABASE_URL.`, {
      cause: error,
    });
  }
  const { rows } = await client.query<{ version: string }>(
    `SELECT current_setting('server_version_num') AS version`,
  );
  if (Number(rows[0]!.version) < OLDEST_SERVER) {
    await client.end();
    throw new Error('PostgreSQL 15 or newer is needed; this server is older. Check DATABASE_URL.');
  }
  return client;
}
