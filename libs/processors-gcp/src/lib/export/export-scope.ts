import {
  daySpans,
  inSpans,
  parseUtcDate,
  windowFrom,
  type DescribedTable,
  type ReadWarehouse,
  type RunWindow,
  type UtcDate,
  type Watermarks,
} from '@pipelines/pipeline';
import type { ExportKind } from './export-kind.ts';
import { all, type ExportSource } from './export-source.ts';
import { KnownClocks } from './known-clocks.ts';
import { touchedDays } from './touched-days.ts';

/** What of the exports a run reads. */
export interface ExportScope {
  /** A condition of constants for each of the exports, in their order, that the rows satisfy. */
  readonly conditions: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  /** The day on which, or later, all was appended that an earlier run has not seen; absent when there was none. */
  readonly appendedFrom?: UtcDate;
}

/** What the scope is found from. */
export interface ExportQuestion {
  readonly kind: ExportKind;
  readonly sources: readonly ExportSource[];
  readonly window: RunWindow;
  /** How far each account was read before; all is read when absent. */
  readonly watermarks?: Watermarks;
  /** The pipeline's own rows in the target, where there are watermarks. */
  readonly loaded?: DescribedTable;
  /** Days behind an account's watermark within which rows are compared with what was loaded. */
  readonly lookbackDays: number;
  /** The first day that counts. */
  readonly since?: UtcDate;
}

/**
 * All rows of the days that the exports got rows for since the watermarks, and of the window. Other questions ask for
 * these days first, so that they stand in the query as constants, by which BigQuery prunes partitions. What the exports
 * get between the questions is left to the next run: of a day that the first does not know, nothing would be read.
 * @throws PipelineError `configuration_invalid` when the window lies before the first day that counts.
 */
export async function exportScope(question: ExportQuestion, read: ReadWarehouse): Promise<ExportScope> {
  const { kind, sources, watermarks = {}, loaded, since } = question;
  const window = windowFrom(question.window, since);
  if (!loaded || Object.keys(watermarks).length === 0) {
    return {
      conditions: sources.map((source) =>
        all([
          ...source.complete,
          ...(since === undefined ? [] : [`${source.day} >= DATE '${parseUtcDate(since, 'since')}'`]),
          ...source.appendedFrom(since),
        ]),
      ),
      parameters: {},
    };
  }
  const clocks = new KnownClocks(watermarks, question.lookbackDays);
  const { days, upto, appendedFrom } = await touchedDays({ kind, sources, loaded, clocks, since }, read);
  const spans = daySpans(window, days);
  return {
    conditions: sources.map((source) =>
      all([
        ...source.complete,
        inSpans(source.day, spans),
        `${source.exportTime} <= ${source.dialect.instant('upto')}`,
        ...source.appendedFrom(spans[0]!.start),
      ]),
    ),
    parameters: { upto },
    appendedFrom,
  };
}
