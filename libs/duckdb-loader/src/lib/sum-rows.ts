import type { DuckDBConnection } from '@duckdb/node-api';
import {
  groupStatement,
  isIncremental,
  latestOf,
  plainDecimal,
  PipelineError,
  toGroupTotals,
  type LimitedGrouping,
  type Load,
  type MoneyTotal,
  type StagedTotals,
  type SpannedLoad,
  type TextRow,
  type Watermarks,
} from '@pipelines/pipeline';
import { DECIMAL_SIZES } from './column-types.ts';
import { isOutOfRange } from './duckdb.errors.ts';
import { quoteName, windowPredicate } from './sql-names.ts';

/**
 * Counts the load's rows in a table, and sums their money per currency. A null amount adds nothing.
 * @param table Quoted name.
 * @param condition Which rows are the load's.
 */
export async function sumRows(
  connection: DuckDBConnection,
  load: SpannedLoad,
  table: string,
  condition: string,
): Promise<StagedTotals> {
  const counted = await connection.runAndReadAll(
    `SELECT count(*), count(*) FILTER (WHERE (${legalDay(load)}) IS NOT TRUE) FROM ${table} WHERE ${condition}`,
  );
  const [rows, rowsOutsideWindow] = counted.getRowsJS()[0] as [bigint, bigint];
  const money: MoneyTotal[] = [];
  for (const { amount, currency } of load.schema.money ?? []) {
    const summed = connection.runAndReadAll(
      `SELECT ${quoteName(currency)}, CAST(sum(${quoteName(amount)}) AS VARCHAR) FROM ${table}
       WHERE ${condition} AND ${quoteName(amount)} IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    const sums = await summed.catch((error: unknown) => {
      throw isOutOfRange(error) ? sumTooLarge(load, amount, error) : error;
    });
    for (const [name, sum] of sums.getRowsJS() as [string, string][]) {
      money.push({ column: amount, currency: name, sum: plainDecimal(sum) });
    }
  }
  return { rows: Number(rows), money, rowsOutsideWindow: Number(rowsOutsideWindow) };
}

/** The days of the staged rows and the latest of their watermark column, also by clock, when the load is incremental. */
export async function readIncrement(
  connection: DuckDBConnection,
  load: Load,
  table: string,
): Promise<Pick<StagedTotals, 'days' | 'watermark' | 'watermarks'>> {
  const { windowColumn, watermarkColumn, watermarkBy } = load.schema;
  if (watermarkColumn === undefined) return {};
  const read = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJS();
  const instant = quoteName(watermarkColumn);
  const clock = watermarkBy === undefined ? "''" : `coalesce(${quoteName(watermarkBy)}, '')`;
  const latest = await read(
    `SELECT ${clock}, strftime(max(${instant}), '%Y-%m-%dT%H:%M:%S.%fZ') FROM ${table}
     WHERE ${instant} IS NOT NULL GROUP BY 1 ORDER BY 1`,
  );
  const watermarks = Object.fromEntries(latest) as Watermarks;
  const days =
    windowColumn === undefined
      ? []
      : await read(
          `SELECT DISTINCT CAST(${quoteName(windowColumn)} AS VARCHAR) AS day FROM ${table} WHERE day IS NOT NULL ORDER BY 1`,
        );
  return {
    days: days.flat() as string[],
    watermark: latestOf(watermarks),
    ...(watermarkBy !== undefined && { watermarks }),
  };
}

/** The groups of the staged rows, when a grouping is asked for. */
export async function readGroups(
  connection: DuckDBConnection,
  { schema }: Load,
  table: string,
  grouping: LimitedGrouping | undefined,
): Promise<Pick<StagedTotals, 'groups'>> {
  if (!grouping) return {};
  const answer = await connection.runAndReadAll(groupStatement('duckdb', table, schema, grouping, quoteName));
  return { groups: toGroupTotals(answer.getRowObjectsJS() as TextRow[], grouping) };
}

/** Every amount fits into its column; together they need not fit into a decimal. */
function sumTooLarge({ schema, target }: SpannedLoad, column: string, cause: unknown): PipelineError {
  const type = schema.columns.find(({ name }) => name === column)!.type as 'NUMERIC' | 'BIGNUMERIC';
  const { precision, scale } = DECIMAL_SIZES[type];
  return new PipelineError(
    'schema_mismatch',
    `The rows for ${target.table}: the sum of column "${column}" has more than the ${precision - scale} digits before the point that a decimal of DuckDB has.`,
    { cause, facts: { table: target.table, column } },
  );
}

/** A row of an incremental load may be of any day, as long as it has one. */
function legalDay(load: SpannedLoad): string {
  const { windowColumn } = load.schema;
  return isIncremental(load) && windowColumn !== undefined
    ? `${quoteName(windowColumn)} IS NOT NULL`
    : windowPredicate(load);
}
