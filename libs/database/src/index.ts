export { DatabaseClock } from './lib/database-clock.ts';
export { DatabaseModule, type DatabaseOptions } from './lib/database.module.ts';
export { dataSourceOptions } from './lib/data-source.ts';
export { migrateDatabase } from './lib/migrate.ts';
export { PoolSockets } from './lib/pool-sockets.ts';
export { PreparedStatement, UNFLUSHED, type StatementResult } from './lib/prepared-statement.ts';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './lib/embedded/embedded-postgres.ts';
