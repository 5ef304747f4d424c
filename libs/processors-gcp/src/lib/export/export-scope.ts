import {
  addDays,
  daySpans,
  inSpans,
  parseUtcDate,
  PipelineError,
  type DescribedTable,
  type ReadWarehouse,
  type RunWindow,
  type UtcDate,
  windowFrom,
} from '@pipelines/pipeline';
import type { SqlDialect } from './sql-dialect.ts';

/** Column that BigQuery adds to an export: the day of the append. */
const PARTITION = '_PARTITIONTIME';

/** What of an export a run reads. */
export interface ExportScope {
  /** A condition of constants that the rows satisfy. */
  readonly condition: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the scope is found from. */
export interface ExportQuestion {
  readonly source: DescribedTable;
  readonly dialect: SqlDialect;
  readonly window: RunWindow;
  /** How far the export was read before; all of it is read when absent. */
  readonly watermark?: string;
  /** The first day that counts. */
  readonly since?: UtcDate;
  /** Path of the instant whose UTC day a row belongs to. */
  readonly instant: string;
}

/**
 * All rows of the days that the export got rows for since the watermark, and of the window. A first question asks for
 * these days, so that they stand in the query as constants, by which BigQuery prunes partitions. What the export gets
 * between the two questions is left to the next run: of a day that the first does not know, nothing would be read.
 * @throws PipelineError `configuration_invalid` when the window lies before the first day that counts.
 */
export async function exportScope(question: ExportQuestion, read: ReadWarehouse): Promise<ExportScope> {
  const { watermark, since, dialect, instant } = question;
  const window = windowFrom(question.window, since);
  const day = dialect.day(dialect.field(instant));
  if (watermark === undefined) {
    const fromSince = since === undefined ? [] : [`${day} >= DATE '${parseUtcDate(since, 'since')}'`];
    return { condition: all([...fromSince, ...appendedFrom(question, since)]), parameters: {} };
  }
  const touched = await touchedDays(question, watermark, read);
  const spans = daySpans(
    window,
    since === undefined ? touched.days : touched.days.filter((it) => it >= since),
  );
  return {
    condition: all([
      inSpans(day, spans),
      `${dialect.field('export_time')} <= ${dialect.instant('upto')}`,
      ...appendedFrom(question, spans[0]!.start),
    ]),
    parameters: { upto: touched.upto },
  };
}

async function touchedDays(
  question: ExportQuestion,
  watermark: string,
  read: ReadWarehouse,
): Promise<{ readonly days: readonly UtcDate[]; readonly upto: string }> {
  const { source, dialect, instant } = question;
  const exportTime = dialect.field('export_time');
  const newer = [
    `${exportTime} > ${dialect.instant('watermark')}`,
    ...appendedFrom(question, watermark.slice(0, 10)),
  ];
  const found = await read({
    sql: `SELECT ${dialect.cast(dialect.day(dialect.field(instant)), 'STRING')} AS day, ${dialect.instantText(`MAX(${exportTime})`)} AS latest
FROM ${source.sqlName}
WHERE ${all(newer)}
GROUP BY 1`,
    parameters: { watermark },
  });
  if (found.some(({ day }) => day === null)) {
    throw new PipelineError(
      'provider_response_invalid',
      `${source.reference.dataset}.${source.reference.table} has new rows without ${instant}, which belong to no day. The target was not touched.`,
    );
  }
  return {
    days: found.map(({ day }) => day!),
    upto: [watermark, ...found.map(({ latest }) => latest!)].sort().at(-1)!,
  };
}

/** Rows are appended after what they tell of; a day is left for clocks. A view may hide when they were. */
function appendedFrom({ source }: ExportQuestion, day: UtcDate | undefined): string[] {
  if (day === undefined || !source.columns.some(({ path }) => path === PARTITION)) return [];
  return [`${PARTITION} >= TIMESTAMP '${addDays(day, -1)}'`];
}

function all(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'TRUE' : conditions.join('\n  AND ');
}
