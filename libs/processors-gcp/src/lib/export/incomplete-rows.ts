import {
  parseUtcDate,
  PipelineError,
  type PassedOverRows,
  type ReadWarehouse,
  type UtcDate,
} from '@pipelines/pipeline';
import type { ExportKind } from './export-kind.ts';
import { all, type ExportSource } from './export-source.ts';

/** What becomes of rows that hold money and cannot be loaded. */
export const INCOMPLETE_ROWS = ['refuse', 'leave_out'] as const;
/** One of them. */
export type IncompleteRows = (typeof INCOMPLETE_ROWS)[number];

/** What the rows are counted by. */
export interface IncompleteQuestion {
  readonly kind: ExportKind;
  readonly sources: readonly ExportSource[];
  /** Rows of earlier days do not count; those that are of no day do. */
  readonly since?: UtcDate;
  /** Rows that were appended before do not count, where that is known. */
  readonly appendedFrom?: UtcDate;
  readonly holdingMoney: IncompleteRows;
}

/**
 * Counts the rows that lack what every row has that is loaded, by what they lack first. They stay in the export, and are
 * told by the receipt.
 * @throws PipelineError `incomplete_rows` when some of them hold money, unless they are to be left out.
 */
export async function countIncomplete(
  question: IncompleteQuestion,
  read: ReadWarehouse,
): Promise<readonly PassedOverRows[]> {
  const { kind, sources, holdingMoney } = question;
  const found = await read({ sql: incompleteSql(question), parameters: {} });
  const names = sources.map(({ name }) => name).join(', ');
  const passedOver = found.map(({ lacking, row_count, with_money }) => ({
    reason: `no ${lacking}`,
    rows: Number(row_count),
    rows_with_money: Number(with_money),
  }));
  const refused = passedOver.filter(({ rows_with_money }) => rows_with_money > 0);
  if (refused.length === 0 || holdingMoney === 'leave_out') return passedOver;
  const counts = refused.map(({ reason, rows_with_money }) => `${rows_with_money} (${reason})`).join(', ');
  throw new PipelineError(
    'incomplete_rows',
    `Rows of ${names} hold money and cannot be loaded: ${counts}. The target was not touched. Correct them, name ${kind.title} or a view that does not have them, or set processor.options.incomplete_rows to leave_out to load the others.`,
    { facts: { tables: sources.map(({ name }) => name), passed_over: passedOver } },
  );
}

function incompleteSql({ kind, sources, since, appendedFrom }: IncompleteQuestion): string {
  const { dialect } = sources[0]!;
  const cases = kind.requirements.map(
    (requirement) => `WHEN ${requirement.missing(dialect)} THEN '${requirement.name}'`,
  );
  const holdsMoney = kind.holdsMoney?.(dialect) ?? 'FALSE';
  const rows = sources.map(
    (source) => `
  SELECT CASE ${cases.join(' ')} END AS lacking, CASE WHEN ${holdsMoney} THEN 1 ELSE 0 END AS with_money
  FROM ${source.table}
  WHERE ${all([
    `NOT (${all(source.complete)})`,
    ...(since === undefined
      ? []
      : [`(${source.day} IS NULL OR ${source.day} >= DATE '${parseUtcDate(since, 'since')}')`]),
    ...source.appendedFrom(appendedFrom),
  ])}`,
  );
  return `SELECT lacking, ${dialect.cast('COUNT(*)', 'STRING')} AS row_count, ${dialect.cast('SUM(with_money)', 'STRING')} AS with_money
FROM (${rows.join('\n  UNION ALL')}
) AS incomplete
GROUP BY 1
ORDER BY 1`;
}
