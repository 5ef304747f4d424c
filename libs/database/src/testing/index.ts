export {
  createEmptyDatabase,
  createTestDatabase,
  type EmptyDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts';
