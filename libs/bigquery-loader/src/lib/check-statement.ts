import {
  duplicateRowsError,
  isIncremental,
  plainDecimal,
  PipelineError,
  type Load,
  type MoneyTotal,
  type StagedTotals,
  type TableSchema,
  type TextRow,
} from '@pipelines/pipeline';
import { quoteColumn, quoteTable, stagingTable } from './table-names.ts';
import { windowPredicate } from './window-predicate.ts';

/** One measure of the staging table, every value as text, so that no client rounds it. */
export interface Measure {
  readonly kind: 'rows' | 'outside' | 'money' | 'day' | 'watermark' | 'clock' | 'duplicate';
  readonly name: string;
  readonly currency: string;
  /** Null where there is no row to tell the latest of. */
  readonly value: string | null;
}

const COUNTED = { rows: 'all rows', outside: 'rows outside the window' } as const;

/** The query whose rows are the {@link Measure}s of the staging table. A null amount adds nothing. */
export function checkStatement(projectId: string, load: Load): string {
  const staging = quoteTable(projectId, load, stagingTable(load));
  const { money = [] } = load.schema;
  const measures = [
    `SELECT 'rows' AS kind, '' AS name, '' AS currency, CAST(COUNT(*) AS STRING) AS value FROM ${staging}`,
    `SELECT 'outside', '', '', CAST(COUNTIF((${legalDay(load)}) IS NOT TRUE) AS STRING) FROM ${staging}`,
    ...money.map(({ amount, currency }) => {
      const [sum, by] = [quoteColumn(amount), quoteColumn(currency)];
      return `SELECT 'money', '${amount}', ${by}, CAST(SUM(${sum}) AS STRING) FROM ${staging} WHERE ${sum} IS NOT NULL GROUP BY ${by}`;
    }),
    ...increment(staging, load),
    ...duplicate(staging, load),
  ];
  return `${measures.join('\nUNION ALL ')}\nORDER BY kind, name, currency`;
}

/** The days of an incremental load, and the latest of its watermark column, also by clock. */
function increment(staging: string, { schema }: Load): string[] {
  const { windowColumn, watermarkColumn, watermarkBy } = schema;
  if (watermarkColumn === undefined) return [];
  const latest = `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', MAX(${quoteColumn(watermarkColumn)}))`;
  const measures = [`SELECT 'watermark', '', '', ${latest} FROM ${staging}`];
  if (watermarkBy !== undefined) {
    const clock = `IFNULL(${quoteColumn(watermarkBy)}, '')`;
    measures.push(
      `SELECT 'clock', ${clock}, '', ${latest} FROM ${staging} WHERE ${quoteColumn(watermarkColumn)} IS NOT NULL GROUP BY ${clock}`,
    );
  }
  if (windowColumn === undefined) return measures;
  const day = quoteColumn(windowColumn);
  return [
    ...measures,
    `SELECT 'day', CAST(${day} AS STRING), '', '' FROM ${staging} WHERE ${day} IS NOT NULL GROUP BY ${day}`,
  ];
}

/** A natural key that several rows have, as a JSON object of texts; no measure when there is none. */
function duplicate(staging: string, { schema: { naturalKey } }: Load): string[] {
  if (naturalKey === undefined) return [];
  const key = naturalKey.map(quoteColumn);
  const texts = key.map((column) => `CAST(${column} AS STRING) AS ${column}`);
  return [
    `SELECT 'duplicate', '', '', TO_JSON_STRING(STRUCT(${texts.join(', ')})) FROM (SELECT ${key.join(', ')} FROM ${staging} GROUP BY ${key.join(', ')} HAVING COUNT(*) > 1 LIMIT 1)`,
  ];
}

/**
 * Refuses staged rows that share the natural key of their table.
 * @throws PipelineError `duplicate_rows`.
 */
export function refuseDuplicates(measures: readonly Measure[], load: Load): void {
  const example = measures.find(({ kind }) => kind === 'duplicate')?.value;
  if (example) throw duplicateRowsError(load, JSON.parse(example) as TextRow);
}

/** A row of an incremental load may be of any day, as long as it has one. */
function legalDay(load: Load): string {
  const { windowColumn } = load.schema;
  return isIncremental(load) && windowColumn !== undefined
    ? `${quoteColumn(windowColumn)} IS NOT NULL`
    : windowPredicate(load);
}

/**
 * Reads the measures.
 * @param schema Of the load that they are of.
 * @throws PipelineError `warehouse_unavailable` when a count is missing: an answer that does not count proves nothing.
 */
export function toStagedTotals(
  measures: readonly Measure[],
  { watermarkBy }: Pick<TableSchema, 'watermarkBy'> = {},
): StagedTotals {
  const count = (kind: 'rows' | 'outside'): number => {
    const text = measures.find((measure) => measure.kind === kind)?.value;
    if (text && /^\d+$/.test(text)) return Number(text);
    throw new PipelineError(
      'warehouse_unavailable',
      `BigQuery counted no staged rows: its answer lacks the count of ${COUNTED[kind]}. The target was not touched.`,
    );
  };
  const money = measures
    .filter(({ kind }) => kind === 'money')
    .map(({ name, currency, value }): MoneyTotal => ({ column: name, currency, sum: plainDecimal(value!) }));
  const watermark = measures.find(({ kind }) => kind === 'watermark');
  return {
    rows: count('rows'),
    money,
    rowsOutsideWindow: count('outside'),
    ...(watermark && {
      days: measures.filter(({ kind }) => kind === 'day').map(({ name }) => name),
      watermark: watermark.value ?? undefined,
      ...(watermarkBy !== undefined && {
        watermarks: Object.fromEntries(
          measures.filter(({ kind }) => kind === 'clock').map(({ name, value }) => [name, value!]),
        ),
      }),
    }),
  };
}
