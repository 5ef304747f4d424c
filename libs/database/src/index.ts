export { DatabaseModule, type DatabaseOptions } from './lib/database.module.ts';
export { dataSourceOptions } from './lib/data-source.ts';
export { migrateDatabase } from './lib/migrate.ts';
