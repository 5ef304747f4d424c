import { SQL_TYPES } from '@pipelines/pipeline';
import { warehouseTypeOf, type FocusColumn } from '@pipelines/processors-unified';

/** As in a DuckDB warehouse, but that instants are in UTC, and JSON is text. */
const TYPES = { ...SQL_TYPES.duckdb, TIMESTAMP: 'TIMESTAMPTZ', JSON: 'VARCHAR' };

type TypedColumn = Pick<FocusColumn, 'name' | 'type'>;

/**
 * Writes a CSV file of texts as Parquet, with typed columns; an empty field is null. A decimal of Parquet has 38 digits,
 * of which BigQuery alone may keep that many after the point: what goes past the type is rounded half away from zero.
 * @returns How many values were rounded.
 */
export async function csvToParquet(
  csv: string,
  parquet: string,
  columns: readonly TypedColumn[],
): Promise<number> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const texts = `read_csv(${quote(csv)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false)`;
  try {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'; SET autoinstall_known_extensions = false;");
      const typed = columns.map(
        (column) => `CAST("${column.name}" AS ${typeOf(column)}) AS "${column.name}"`,
      );
      await connection.run(
        `COPY (SELECT ${typed.join(', ')} FROM ${texts}) TO ${quote(parquet)} (FORMAT parquet)`,
      );
      const rounded = columns.flatMap(countOfRounded);
      const reader = await connection.runAndReadAll(`SELECT ${rounded.join(' + ') || '0'} FROM ${texts}`);
      return Number(reader.getRows()[0]![0]);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

function typeOf(column: TypedColumn): string {
  return TYPES[warehouseTypeOf(column)];
}

/** A text has no zeros at its end, so that each further digit counts. */
function countOfRounded(column: TypedColumn): string[] {
  const scale = /^DECIMAL\(38,(\d+)\)$/.exec(typeOf(column))?.[1];
  return scale === undefined
    ? []
    : [`count(*) FILTER (regexp_matches("${column.name}", '\\.\\d{${scale}}\\d'))`];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
