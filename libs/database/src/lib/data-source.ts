import pg from 'pg';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { InitialSchema1700000000001 } from './migrations/1-initial-schema.migration.ts';
import { Backfills1700000000002 } from './migrations/2-backfills.migration.ts';
import { Schedules1700000000003 } from './migrations/3-schedules.migration.ts';
import { RunArchive1700000000004 } from './migrations/4-run-archive.migration.ts';
import { WarehousePlaces1700000000005 } from './migrations/5-warehouse-places.migration.ts';
import { Watermarks1700000000006 } from './migrations/6-watermarks.migration.ts';
import { ScheduleDependencies1700000000007 } from './migrations/7-schedule-dependencies.migration.ts';
import { RunUpdatesInPlace1700000000008 } from './migrations/8-run-updates-in-place.migration.ts';
import { RunChecksCompiledOnce1700000000009 } from './migrations/9-run-checks-compiled-once.migration.ts';
import { CommitTurns1700000000010 } from './migrations/10-commit-turns.migration.ts';
import { WatermarksByClock1700000000011 } from './migrations/11-watermarks-by-clock.migration.ts';

/** Every table of ours lives in this schema; the queue keeps its own. */
export const SCHEMA = 'pipelines';

/** Migrations in the order they apply. A released one is never edited; a change is a new one. */
const MIGRATIONS = [
  InitialSchema1700000000001,
  Backfills1700000000002,
  Schedules1700000000003,
  RunArchive1700000000004,
  WarehousePlaces1700000000005,
  Watermarks1700000000006,
  ScheduleDependencies1700000000007,
  RunUpdatesInPlace1700000000008,
  RunChecksCompiledOnce1700000000009,
  CommitTurns1700000000010,
  WatermarksByClock1700000000011,
];

/** What every TypeORM connection to our database shares. */
export function dataSourceOptions(url: string): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    // Left to itself, TypeORM loads it by name at run time, which a bundler does not see: it would be there twice.
    driver: pg,
    url,
    schema: SCHEMA,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migrations',
    synchronize: false,
  };
}
