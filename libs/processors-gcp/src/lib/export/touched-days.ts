import {
  addDays,
  daySpans,
  inSpans,
  type DescribedTable,
  type ReadWarehouse,
  type TextRow,
  type UtcDate,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import type { ExportKind } from './export-kind.ts';
import { all, type ExportSource } from './export-source.ts';
import type { KnownClocks } from './known-clocks.ts';

/** What the exports got since they were read. */
export interface TouchedDays {
  /** In no order. */
  readonly days: readonly UtcDate[];
  /** The latest instant that the exports or an earlier run told. */
  readonly upto: string;
  /** The day on which, or later, all was appended that was compared; everything was when absent. */
  readonly appendedFrom?: UtcDate;
}

/** What the days are found from. */
export interface TouchedQuestion {
  readonly kind: ExportKind;
  readonly sources: readonly ExportSource[];
  /** The pipeline's own rows in the target as they are. */
  readonly loaded: DescribedTable;
  readonly clocks: KnownClocks;
  /** Earlier days do not count. */
  readonly since?: UtcDate;
}

/**
 * The days of which the exports hold other rows than were loaded, among those rows that were exported since a while before
 * the watermark of their account, and among all rows of an account that has none. Rows are never changed in an export, so
 * that their number tells; comparing it finds rows that come late and out of turn, without loading the rest again.
 */
export async function touchedDays(question: TouchedQuestion, read: ReadWarehouse): Promise<TouchedDays> {
  const { clocks, since } = question;
  const recent = await read(exportedFigures(question, clocks.appendedFrom));
  // An account that nobody has heard of may have rows of any age.
  const isWhole = recent.some(({ clock }) => !clocks.has(clock!));
  const exported = isWhole ? await read(exportedFigures(question)) : recent;
  const counted = exported.filter(({ day }) => since === undefined || day! >= since);
  const days = [...new Set(counted.map(({ day }) => day!))];
  const loaded = days.length === 0 ? [] : await read(loadedFigures(question, days));
  const known = new Map(loaded.map((row) => [keyOf(row), row.figures]));
  return {
    days: counted.filter((row) => known.get(keyOf(row)) !== row.figures).map(({ day }) => day!),
    upto: [clocks.latest, ...exported.map(({ latest }) => latest!)].sort().at(-1)!,
    ...(!isWhole && { appendedFrom: clocks.appendedFrom }),
  };
}

function keyOf({ clock, day }: TextRow): string {
  return JSON.stringify([clock, day]);
}

function exportedFigures({ kind, sources, clocks }: TouchedQuestion, appendedFrom?: UtcDate): WarehouseQuery {
  const { dialect } = sources[0]!;
  const rows = sources.map(
    (source) => `
  SELECT ${source.clock} AS clock, ${source.day} AS day, ${source.exportTime} AS exported_at, ${dialect.field(kind.measure.exported)} AS measured
  FROM ${source.table}
  WHERE ${all([...source.complete, ...source.appendedFrom(appendedFrom)])}`,
  );
  return {
    sql: `SELECT told.clock AS clock, ${dialect.cast('told.day', 'STRING')} AS day, ${dialect.instantText('MAX(told.exported_at)')} AS latest,
  ${kind.measure.of('told.measured', dialect)} AS figures
FROM (${rows.join('\n  UNION ALL')}
) AS told LEFT JOIN ${dialect.knownClocks('clocks')} AS known ON known.clock = told.clock
WHERE known.since IS NULL OR told.exported_at > known.since
GROUP BY 1, 2`,
    parameters: { clocks: clocks.parameter },
  };
}

function loadedFigures(
  { kind, sources, loaded, clocks }: TouchedQuestion,
  days: readonly UtcDate[],
): WarehouseQuery {
  const { dialect } = sources[0]!;
  const day = `told.${dialect.field(kind.day)}`;
  const [first = '', ...others] = [...days].sort();
  const spans = daySpans({ start: first, end: addDays(first, 1) }, others);
  const clock = `COALESCE(told.${dialect.field('billing_account_id')}, '')`;
  return {
    sql: `SELECT ${clock} AS clock, ${dialect.cast(day, 'STRING')} AS day,
  ${kind.measure.of(`told.${dialect.field(kind.measure.loaded)}`, dialect)} AS figures
FROM ${loaded.sqlName} AS told LEFT JOIN ${dialect.knownClocks('clocks')} AS known ON known.clock = ${clock}
WHERE ${inSpans(day, spans)}
  AND (known.since IS NULL OR told.${dialect.field('export_time')} > known.since)
GROUP BY 1, 2`,
    parameters: { clocks: clocks.parameter },
  };
}
