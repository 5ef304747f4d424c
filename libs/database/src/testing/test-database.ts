import { randomBytes } from 'node:crypto';
import { DataSource, type MixedList, type EntitySchema } from 'typeorm';
import { dataSourceOptions } from '../lib/data-source.ts';
import { migrateDatabase } from '../lib/migrate.ts';
import { databasePrefix, testServerUrl, withAdmin } from './database-admin.ts';

const TEMPLATE_LOCK = 7_264_201_312;

/** A database without any table of ours. */
export interface EmptyDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A migrated database of one spec file, without rows. */
export interface TestDatabase extends EmptyDatabase {
  readonly dataSource: DataSource;
  /** Stops the clock that days and months are counted by at that time, so that no calendar reaches into a spec. */
  setClock(time: string): Promise<void>;
}

/** What the data source of a test database knows. */
export interface TestDatabaseOptions {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type for entity classes
  readonly entities?: MixedList<Function | string | EntitySchema>;
}

/** Makes a database for a spec file by cloning the migrated template, which the first caller of the run builds. */
export async function createTestDatabase({ entities }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { url, drop } = await createDatabase(`TEMPLATE ${await migratedTemplate()}`);
  const dataSource = await new DataSource({ ...dataSourceOptions(url), entities }).initialize();
  return {
    url,
    dataSource,
    setClock: async (time) => {
      await dataSource.query(
        `CREATE OR REPLACE FUNCTION pipelines.utc_now() RETURNS timestamptz LANGUAGE sql STABLE
         AS 'SELECT timestamptz ''${new Date(time).toISOString()}'''`,
      );
    },
    drop: async () => {
      await dataSource.destroy();
      await drop();
    },
  };
}

/** Makes a database that no migration has touched. */
export function createEmptyDatabase(): Promise<EmptyDatabase> {
  return createDatabase('TEMPLATE template0');
}

async function createDatabase(origin: string): Promise<EmptyDatabase> {
  const name = `${databasePrefix()}${randomBytes(6).toString('hex')}`;
  const server = testServerUrl();
  await withAdmin(server, (admin) => admin.query(`CREATE DATABASE ${name} ${origin}`));
  return {
    url: urlOf(name),
    drop: async () => {
      await withAdmin(server, (admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

/**
 * The name of the migrated database that all others are cloned from. Jest's workers ask for it at the same time: the
 * first builds it under another name, so that a worker killed half-way leaves none that looks complete.
 */
async function migratedTemplate(): Promise<string> {
  const template = `${databasePrefix()}template`;
  const draft = `${template}_draft`;
  return withAdmin(testServerUrl(), async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) {
      await admin.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
      await admin.query(`CREATE DATABASE ${draft} TEMPLATE template0`);
      await migrateDatabase(urlOf(draft));
      await admin.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
    }
    return template;
  });
}

function urlOf(database: string): string {
  const url = new URL(testServerUrl());
  url.pathname = `/${database}`;
  return url.href;
}
