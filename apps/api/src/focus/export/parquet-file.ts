import { SQL_TYPES } from '@pipelines/pipeline';
import { warehouseTypeOf, type FocusColumn } from '@pipelines/processors-unified';

/** As in a DuckDB warehouse, but that instants are in UTC, and JSON is text. */
const TYPES = { ...SQL_TYPES.duckdb, TIMESTAMP: 'TIMESTAMPTZ', JSON: 'VARCHAR' };

/** Writes a CSV file of texts as Parquet, with typed columns; an empty field is null. */
export async function csvToParquet(
  csv: string,
  parquet: string,
  columns: readonly Pick<FocusColumn, 'name' | 'type'>[],
): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const typed = columns.map(
      (column) => `CAST("${column.name}" AS ${TYPES[warehouseTypeOf(column)]}) AS "${column.name}"`,
    );
    await connection.run("SET TimeZone = 'UTC'; SET autoinstall_known_extensions = false;");
    await connection.run(
      `COPY (SELECT ${typed.join(', ')} FROM read_csv(${quote(csv)}, header = true, all_varchar = true, delim = ',',
         quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false))
       TO ${quote(parquet)} (FORMAT parquet)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
