import type { ExportField } from './export-table.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** Something without which a row of an export cannot be loaded. */
export interface RowRequirement {
  /** What a row lacks then, for people: "usage_start_time". */
  readonly name: string;
  /** Condition that a row without it satisfies; it is never null. */
  missing(dialect: SqlDialect): string;
}

/** How rows that were loaded are compared with those of the export, by clock and day. */
interface ExportMeasure {
  /** Path of what is measured of a row of the export. */
  readonly exported: string;
  /** The column of the target that holds it. */
  readonly loaded: string;
  /** The figures of several rows as one text, which differs where they do. */
  of(value: string, dialect: SqlDialect): string;
}

/** One of the exports that Cloud Billing fills. */
export interface ExportKind {
  /** What it is, for people: "a billing export". */
  readonly title: string;
  readonly field: ExportField;
  /** What to do when it is not there. */
  readonly advice: string;
  /** Columns without which a table is none. */
  readonly requiredPaths: readonly string[];
  /** Path of the instant whose UTC day a row belongs to. */
  readonly instant: string;
  /** The target's column of that day. */
  readonly day: string;
  /** In the order in which a row that lacks several is counted. */
  readonly requirements: readonly RowRequirement[];
  /** Condition that a row which holds money satisfies; it is never null. Absent where rows hold none. */
  holdsMoney?(dialect: SqlDialect): string;
  readonly measure: ExportMeasure;
}

/** A row has to have a value at the path. */
export function someValue(path: string): RowRequirement {
  return { name: path, missing: ({ field }) => `${field(path)} IS NULL` };
}

/** A row has to have a text at the path. */
export function someText(path: string): RowRequirement {
  return { name: path, missing: ({ field }) => `COALESCE(${field(path)}, '') = ''` };
}
