import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { DescribedColumn, DescribedTable, TableReference } from '@pipelines/pipeline';
import { quoteName } from './sql-names.ts';

/** The table or view, whose project does not count, or undefined when there is none. */
export async function describeTable(
  connection: DuckDBConnection,
  reference: TableReference,
): Promise<DescribedTable | undefined> {
  const { dataset, table } = reference;
  const found = await connection.runAndReadAll(
    `SELECT 1 FROM information_schema.tables
     WHERE table_catalog = current_database() AND table_schema = $dataset AND table_name = $table`,
    { dataset, table },
  );
  if (found.currentRowCount === 0) return undefined;
  const { DuckDBListType, DuckDBStructType } = await import('@duckdb/node-api');
  const columnsOf = (path: string, type: DuckDBType): DescribedColumn[] => {
    const repeated = type instanceof DuckDBListType;
    const single = repeated ? type.valueType : type;
    const fields =
      single instanceof DuckDBStructType
        ? single.entryNames.flatMap((name, index) => columnsOf(`${path}.${name}`, single.entryTypes[index]!))
        : [];
    return [{ path, type: String(single), repeated }, ...fields];
  };
  const sqlName = `${quoteName(dataset)}.${quoteName(table)}`;
  const statement = await connection.prepare(`FROM ${sqlName}`);
  try {
    const columns = Array.from({ length: statement.columnCount }, (_, index) =>
      columnsOf(statement.columnName(index), statement.columnType(index)),
    );
    return { reference, sqlName, columns: columns.flat() };
  } finally {
    statement.destroySync();
  }
}
