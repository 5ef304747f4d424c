import type { WarehouseEngine } from '@pipelines/pipeline';
import { DUCKDB } from './duckdb.ts';
import { GOOGLE_SQL } from './google-sql.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** The dialect of a warehouse. */
export function dialectOf(engine: WarehouseEngine): SqlDialect {
  return engine === 'bigquery' ? GOOGLE_SQL : DUCKDB;
}
