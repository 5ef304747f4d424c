import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { DescribedColumn, DescribedTable, TableReference } from '@pipelines/pipeline';
import { unlessMissing } from './duckdb.errors.ts';
import { quoteName } from './sql-names.ts';

/** The table or view, whose project does not count, or undefined when there is none. */
export async function describeTable(
  connection: DuckDBConnection,
  reference: TableReference,
): Promise<DescribedTable | undefined> {
  const { dataset, table } = reference;
  const sqlName = `${quoteName(dataset)}.${quoteName(table)}`;
  const statement = await unlessMissing(connection.prepare(`FROM ${sqlName}`));
  if (!statement) return undefined;
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
  try {
    const columns = Array.from({ length: statement.columnCount }, (_, index) =>
      columnsOf(statement.columnName(index), statement.columnType(index)),
    );
    return { reference, sqlName, columns: columns.flat() };
  } finally {
    statement.destroySync();
  }
}
