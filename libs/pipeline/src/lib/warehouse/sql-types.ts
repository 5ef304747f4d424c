import type { ScalarType } from './table-schema.ts';
import type { WarehouseEngine } from './warehouse.ts';

/** What each warehouse calls the types of single values. */
export const SQL_TYPES: Readonly<Record<WarehouseEngine, Readonly<Record<ScalarType, string>>>> = {
  bigquery: {
    STRING: 'STRING',
    INT64: 'INT64',
    NUMERIC: 'NUMERIC',
    BIGNUMERIC: 'BIGNUMERIC',
    BOOL: 'BOOL',
    DATE: 'DATE',
    TIMESTAMP: 'TIMESTAMP',
    JSON: 'JSON',
  },
  duckdb: {
    STRING: 'VARCHAR',
    INT64: 'BIGINT',
    // DuckDB's decimals have 38 digits in all: 20 before the point leave 18 after it for BIGNUMERIC.
    NUMERIC: 'DECIMAL(38,9)',
    BIGNUMERIC: 'DECIMAL(38,18)',
    BOOL: 'BOOLEAN',
    DATE: 'DATE',
    // Without time zone: it holds the UTC time, and reads the same in every session.
    TIMESTAMP: 'TIMESTAMP',
    JSON: 'JSON',
  },
};
