import type { DuckDBConnection } from '@duckdb/node-api';
import {
  misfitNumberError,
  missingValueError,
  PipelineError,
  type Load,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { columnDefinitions, comparableType, DECIMAL_SIZES, duckdbType } from './column-types.ts';
import { columnWithoutValue, detailOf, isMisfit, misfitNumber } from './duckdb.errors.ts';
import { parametersOf } from './query-parameters.ts';
import { nameList, quoteName } from './sql-names.ts';
import { STAGED_ROWS } from './stage-rows.ts';

const INTEGER_TYPE = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const DECIMAL_TYPE = /^DECIMAL\(\d+,(\d+)\)$/;

/**
 * Creates the staging table in the attached file `staging` and fills it from the query, which sees the main
 * database. Its columns must be the declared ones, in any order.
 * @throws PipelineError `schema_mismatch` when the query's columns differ, an amount is not exact, or a row does not fit.
 */
export async function stageQuery(
  connection: DuckDBConnection,
  staging: string,
  load: Load,
  query: WarehouseQuery,
): Promise<void> {
  const sql = query.sql.replace(/[;\s]+$/, '');
  await assertColumns(connection, sql, load);
  const { columns } = load.schema;
  const table = `${quoteName(staging)}.main.${STAGED_ROWS}`;
  const names = nameList(columns.map(({ name }) => name));
  // No array is null: BigQuery stores an empty one in its place.
  const values = columns.map(({ name, mode }) =>
    mode === 'REPEATED' ? `coalesce(${quoteName(name)}, [])` : quoteName(name),
  );
  await connection.run(`CREATE TABLE ${table} (${columnDefinitions(columns)})`);
  // The line break closes a comment that the query may end with.
  const insert = await connection.prepare(
    `INSERT INTO ${table} (${names}) SELECT ${values.join(', ')} FROM (${sql}\n)`,
  );
  try {
    insert.bind(parametersOf(insert, query, load));
    await insert.run();
  } catch (error) {
    throw misfitError(error, load);
  } finally {
    insert.destroySync();
  }
}

/** What a failure of the rows is that the query gives; any other error comes back as it is. */
function misfitError(error: unknown, { target }: Load): unknown {
  const column = columnWithoutValue(error);
  if (column !== undefined) return missingValueError(target, column, error);
  const number = misfitNumber(error);
  if (number !== undefined) return misfitNumberError(target, number, error, detailOf(error));
  if (!isMisfit(error)) return error;
  const table = `${target.dataset}.${target.table}`;
  return new PipelineError(
    'schema_mismatch',
    `The query for ${table} reads a value that does not fit the type of its column. The target was not touched. Correct the value in the table that is read; the log has DuckDB's own message.`,
    { cause: error, operatorDetail: detailOf(error), facts: { table } },
  );
}

/** DuckDB would fill a forgotten column with null and round a float into a decimal without a word. */
async function assertColumns(
  connection: DuckDBConnection,
  sql: string,
  { schema, target }: Load,
): Promise<void> {
  const found = await describeQuery(connection, sql);
  const mismatch = (column: string, want: string, have: string) =>
    new PipelineError(
      'schema_mismatch',
      `The query for ${target.table}, column "${column}": want ${want}, have ${have}. Change the query.`,
      { facts: { table: target.table, column, want, have } },
    );
  for (const column of schema.columns) {
    const { name, type, mode } = column;
    const have = found.get(name);
    found.delete(name);
    if (have === undefined) throw mismatch(name, type, 'no such column');
    if (type === 'STRUCT' || mode === 'REPEATED') {
      // What is nested is cast field by field, or not at all.
      const want = comparableType(duckdbType(column));
      if (comparableType(have) !== want) throw mismatch(name, want, have);
      continue;
    }
    if (type !== 'NUMERIC' && type !== 'BIGNUMERIC') continue;
    const { scale } = DECIMAL_SIZES[type];
    const haveScale = INTEGER_TYPE.test(have) ? 0 : Number(DECIMAL_TYPE.exec(have)?.[1] ?? Infinity);
    if (haveScale > scale) throw mismatch(name, `a decimal of at most ${scale} fraction digits`, have);
  }
  const [surplus] = found;
  if (surplus) throw mismatch(surplus[0], 'no such column', surplus[1]);
}

async function describeQuery(connection: DuckDBConnection, sql: string): Promise<Map<string, string>> {
  const statement = await connection.prepare(sql);
  try {
    return new Map(
      Array.from({ length: statement.columnCount }, (_, index) => [
        statement.columnName(index),
        String(statement.columnType(index)),
      ]),
    );
  } finally {
    statement.destroySync();
  }
}
