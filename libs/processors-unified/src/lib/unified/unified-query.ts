import {
  inSpans,
  type Column,
  type DescribedTable,
  type RunWindow,
  type ScalarType,
  type TableWriter,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { credentialOf } from '../sources/account.ts';
import type { SourceMapping, SourceTable } from '../sources/source-mapping.ts';
import type { SqlDialect } from '../sql/sql-dialect.ts';
import { FOCUS_UNIFIED_SCHEMA } from './focus-unified.schema.ts';

/** A source of charges as the warehouse has it: one table of costs at least. */
export interface FoundSource {
  readonly mapping: SourceMapping;
  readonly costs: readonly DescribedTable[];
  readonly usage: readonly DescribedTable[];
}

/** Columns that tell of the load of a source row. */
const LINEAGE: Readonly<Record<string, ScalarType>> = {
  _run_id: 'STRING',
  _pipeline: 'STRING',
  _loaded_at: 'TIMESTAMP',
};

/**
 * The charges of every source as one query with the columns of the unified table.
 * @param writers Who loads the sources.
 * @param spans The days that are built, of every source the same, because the whole partition of a day is replaced. All
 * days when absent. They are constants in the query, by which alone partitions are pruned.
 */
export function unifiedQuery(
  sql: SqlDialect,
  sources: readonly FoundSource[],
  org: string,
  writers: readonly TableWriter[],
  spans?: readonly RunWindow[],
): WarehouseQuery {
  if (sources.length === 0) return { sql: nothing(sql), parameters: {} };
  const relations = sources.flatMap(({ mapping, costs, usage }) => [
    relation(sql, mapping.costs, costs, writers, spans),
    ...(mapping.usage ? [relation(sql, mapping.usage, usage, writers, spans)] : []),
  ]);
  const charges = sources.map(({ mapping }) => selectCharges(sql, mapping));
  return {
    sql: `WITH ${relations.join(',\n')}\n${charges.join('\nUNION ALL\n')}`,
    parameters: { org },
  };
}

/** The rows that all tables of one shape hold of the days that are built. */
function relation(
  sql: SqlDialect,
  source: SourceTable,
  tables: readonly DescribedTable[],
  writers: readonly TableWriter[],
  spans: readonly RunWindow[] | undefined,
): string {
  const rows = (tables.length === 0 ? [undefined] : tables).map((found) =>
    rowsOf(sql, source, found, writers, spans),
  );
  return `${nameOf(source.table)} AS (${rows.join('\nUNION ALL\n')})`;
}

/** A table's rows, with null for columns that it lacks; none of a table that is not there. */
function rowsOf(
  sql: SqlDialect,
  { table, day, reads, arrays = [] }: SourceTable,
  found: DescribedTable | undefined,
  writers: readonly TableWriter[],
  spans: readonly RunWindow[] | undefined,
): string {
  const present = new Set(found?.columns.map(({ path }) => path));
  const single = Object.entries({ [day]: 'DATE' as const, ...reads, ...LINEAGE }).map(([name, type]) =>
    present.has(name) ? name : `${absent(sql, type)} AS ${name}`,
  );
  const own = [
    `${credentialOf(found ? writers : [], present.has('_credential'))} AS _credential`,
    `'${found?.reference.table ?? table}' AS source_table`,
  ];
  const rows = found
    ? `FROM ${found.sqlName} WHERE ${spans === undefined ? 'TRUE' : inSpans(day, spans)}`
    : 'FROM (SELECT 1 AS one) AS nothing WHERE FALSE';
  return `SELECT ${[...single, ...own, ...arrays].join(', ')} ${rows}`;
}

function selectCharges(sql: SqlDialect, mapping: SourceMapping): string {
  const { costs, usage } = mapping;
  const { from, columns } = mapping.charges(sql, {
    costs: nameOf(costs.table),
    usage: usage ? nameOf(usage.table) : '',
  });
  const values: Readonly<Record<string, string>> = {
    ...columns,
    x_SourceCredential: '_credential',
    x_SourceLoadedAt: '_loaded_at',
    x_SourcePipeline: '_pipeline',
    x_SourceRunId: '_run_id',
    x_SourceTable: 'source_table',
  };
  const list = FOCUS_UNIFIED_SCHEMA.columns.map(
    (column) => `${valueOf(sql, column, values[column.name])} AS ${sql.quote(column.name)}`,
  );
  return `SELECT\n  ${list.join(',\n  ')}\nFROM ${from}`;
}

/** Cast, so that the branches of the union have one type. */
function valueOf(sql: SqlDialect, { type }: Column, expression: string | undefined): string {
  const scalar = type as ScalarType;
  if (expression === undefined) return absent(sql, scalar);
  // BigQuery casts nothing to JSON; what is of that type is so already.
  return scalar === 'JSON' ? expression : `CAST(${expression} AS ${sql.type(scalar)})`;
}

/** A query of no rows, for an organization that has loaded nothing yet. */
function nothing(sql: SqlDialect): string {
  const list = FOCUS_UNIFIED_SCHEMA.columns.map(
    ({ name, type }) => `${absent(sql, type as ScalarType)} AS ${sql.quote(name)}`,
  );
  return `SELECT ${list.join(', ')} FROM (SELECT 1 AS one) AS nothing WHERE FALSE`;
}

function absent(sql: SqlDialect, type: ScalarType): string {
  return `CAST(NULL AS ${sql.type(type)})`;
}

/** Not the table's own: a name that is defined in the query would shadow the dataset's table. */
function nameOf(table: string): string {
  return `read_${table}`;
}
