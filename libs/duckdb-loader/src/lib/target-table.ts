import type { DuckDBConnection } from '@duckdb/node-api';
import {
  columnsToAdd,
  LINEAGE_COLUMNS,
  type Column,
  type ExistingColumn,
  type Load,
} from '@pipelines/pipeline';
import { columnDefinitions, comparableType, duckdbType } from './column-types.ts';
import { unlessMissing } from './duckdb.errors.ts';
import { nameList, quoteName, quoteText, targetName } from './sql-names.ts';

/**
 * Creates the target when it is missing, and adds the nullable columns that it lacks; so too its views.
 * @throws PipelineError `schema_mismatch` when it differs otherwise.
 */
export async function ensureTarget(connection: DuckDBConnection, load: Load): Promise<void> {
  await ensureTable(connection, load);
  await ensureViews(connection, load);
}

async function ensureTable(connection: DuckDBConnection, load: Load): Promise<void> {
  const { schema, target } = load;
  const wanted = [...schema.columns, ...LINEAGE_COLUMNS];
  const existing = await existingColumns(connection, load);
  if (existing.length === 0) {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(target.dataset)}`);
    await connection.run(`CREATE TABLE ${targetName(load)} (${columnDefinitions(wanted)})`);
    await connection.run(`COMMENT ON TABLE ${targetName(load)} IS ${quoteText(schema.description)}`);
    await describeColumns(connection, load, wanted);
    return;
  }
  const added = columnsToAdd(`${target.dataset}.${target.table}`, wanted, existing, (column) =>
    comparableType(duckdbType(column)),
  );
  for (const column of added) {
    await connection.run(`ALTER TABLE ${targetName(load)} ADD COLUMN ${columnDefinitions([column])}`);
  }
  await describeColumns(connection, load, added);
}

async function ensureViews(connection: DuckDBConnection, load: Load): Promise<void> {
  for (const { name, columns, description } of load.schema.views ?? []) {
    const view = `${quoteName(load.target.dataset)}.${quoteName(name)}`;
    await connection.run(
      `CREATE OR REPLACE VIEW ${view} AS SELECT ${nameList(columns)} FROM ${targetName(load)}`,
    );
    await connection.run(`COMMENT ON VIEW ${view} IS ${quoteText(description)}`);
  }
}

async function existingColumns(connection: DuckDBConnection, load: Load): Promise<ExistingColumn[]> {
  const found = await unlessMissing(
    connection.runAndReadAll(
      `SELECT name, type, "notnull" FROM pragma_table_info(${quoteText(targetName(load))})`,
    ),
  );
  return ((found?.getRowsJS() ?? []) as [string, string, boolean][]).map(([name, type, required]) => ({
    name,
    type: comparableType(type),
    required,
  }));
}

async function describeColumns(
  connection: DuckDBConnection,
  load: Load,
  columns: readonly Column[],
): Promise<void> {
  for (const { name, description } of columns) {
    await connection.run(
      `COMMENT ON COLUMN ${targetName(load)}.${quoteName(name)} IS ${quoteText(description)}`,
    );
  }
}
