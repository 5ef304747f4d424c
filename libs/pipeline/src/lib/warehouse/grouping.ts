import type { DecimalText } from '../money/decimal-text.ts';
import { equalDecimals, plainDecimal } from '../money/decimal.ts';
import { SQL_TYPES } from './sql-types.ts';
import type { TableSchema } from './table-schema.ts';
import type { TextRow, WarehouseEngine } from './warehouse.ts';

/** How rows of a table are grouped, and what is summed of each group. */
export interface Grouping {
  /** Columns with single values, at least one; a TIMESTAMP counts by its UTC day. */
  readonly by: readonly string[];
  /** Columns of exact decimals. A null adds nothing. */
  readonly sums: readonly string[];
}

/** A grouping of which no more groups than so many are told. */
export interface LimitedGrouping extends Grouping {
  readonly limit: number;
}

/** The rows that have the same values in the columns of a grouping. */
export interface GroupTotals {
  /** The values as texts, in the order of `by`. */
  readonly group: readonly (string | null)[];
  readonly rows: number;
  /** In the order of `sums`. */
  readonly sums: readonly DecimalText[];
}

/** Column of an answer that counts the rows of a group. */
const ROW_COUNT = 'row_count';

/**
 * The question for the groups of a table, in the SQL of the warehouse. Its answer is one for {@link toGroupTotals}.
 * @param table Quoted name.
 * @param quote Quotes the name of a column.
 */
export function groupStatement(
  engine: WarehouseEngine,
  table: string,
  { columns }: TableSchema,
  { by, sums, limit }: LimitedGrouping,
  quote: (name: string) => string,
): string {
  const { STRING, DATE } = SQL_TYPES[engine];
  const instants = new Set(columns.filter(({ type }) => type === 'TIMESTAMP').map(({ name }) => name));
  const text = (value: string, name: string): string => `CAST(${value} AS ${STRING}) AS ${quote(name)}`;
  const values = [
    ...by.map((name) => text(instants.has(name) ? `CAST(${quote(name)} AS ${DATE})` : quote(name), name)),
    text('COUNT(*)', ROW_COUNT),
    ...sums.map((name) => text(`SUM(${quote(name)})`, name)),
  ];
  const groups = by.map((_name, index) => index + 1).join(', ');
  return `SELECT ${values.join(', ')} FROM ${table} GROUP BY ${groups} ORDER BY ${groups} LIMIT ${limit}`;
}

/** Reads an answer with a row per group: the columns of the grouping under their own names, and `row_count`. */
export function toGroupTotals(answer: readonly TextRow[], { by, sums }: Grouping): readonly GroupTotals[] {
  return answer.map((row) => ({
    group: by.map((name) => row[name] ?? null),
    rows: Number(row[ROW_COUNT]),
    sums: sums.map((name) => plainDecimal(row[name] ?? '0')),
  }));
}

/**
 * How the groups of the staged rows differ from those of their sources, in words that name the first group that does, or
 * undefined when they agree.
 */
export function groupsDifference(
  sources: readonly GroupTotals[],
  staged: readonly GroupTotals[],
  grouping: Grouping,
): string | undefined {
  const held = new Map(sources.map((totals) => [keyOf(totals), totals]));
  const found = new Map(staged.map((totals) => [keyOf(totals), totals]));
  // What the sources lack comes first: where not all staged groups are told, it is certain, and the rest is not.
  const order = [...staged.filter((totals) => !held.has(keyOf(totals))), ...sources];
  const different = order.find((totals) => !agree(held.get(keyOf(totals)), found.get(keyOf(totals))));
  if (!different) return undefined;
  const group = grouping.by.map((name, index) => `${name} ${different.group[index] ?? 'null'}`).join(', ');
  const [have, got] = [held, found].map((side) => inWords(side.get(keyOf(different)), grouping));
  return `${group}: the sources hold ${have}, but ${got} were staged`;
}

function agree(first: GroupTotals | undefined, second: GroupTotals | undefined): boolean {
  return (
    first !== undefined &&
    second !== undefined &&
    first.rows === second.rows &&
    first.sums.every((sum, index) => equalDecimals(sum, second.sums[index]!))
  );
}

function inWords(totals: GroupTotals | undefined, { sums }: Grouping): string {
  if (!totals) return 'no rows';
  return [`${totals.rows} rows`, ...sums.map((name, index) => `${name} ${totals.sums[index]}`)].join(', ');
}

function keyOf({ group }: GroupTotals): string {
  return JSON.stringify(group);
}
