import type { UtcDate } from '../window/utc-date.ts';

/** Types of single values that every warehouse adapter maps; named as in GoogleSQL. */
export type ScalarType =
  'STRING' | 'INT64' | 'NUMERIC' | 'BIGNUMERIC' | 'BOOL' | 'DATE' | 'TIMESTAMP' | 'JSON';

/** Column types every warehouse adapter maps. */
export type ColumnType = ScalarType | 'STRUCT';

/** One column of a target table, or one field of a STRUCT. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /**
   * A REQUIRED column refuses null. A REPEATED one is an array of the type: it holds no nulls and is itself none, an
   * absent one is empty. Default NULLABLE.
   */
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED';
  /** The fields of a STRUCT, of which there is at least one; no other type has any. */
  readonly fields?: readonly Column[];
  /** What the column holds, with its unit; written to the warehouse as the column description. */
  readonly description: string;
}

/** The table that a processor produces, without the lineage columns, which every load adds. */
export interface TableSchema {
  readonly description: string;
  readonly columns: readonly Column[];
  /** The DATE column that must lie inside the run's window and by which partitions are replaced. */
  readonly windowColumn?: string;
  /**
   * The TIMESTAMP column that says when its source got a row. It makes the load incremental: the processor is told the
   * latest one that was loaded, rows may be of any day, and the days of all rows are replaced beside the window's.
   */
  readonly watermarkColumn?: string;
  /**
   * The STRING column that says by which clock the watermark column tells the time, where the source has several, as the
   * exports of several billing accounts have: an instant of one says nothing about the rows of another, so each has a
   * watermark of its own. A null is the clock called by the empty text.
   */
  readonly watermarkBy?: string;
  /** The first day of an incremental load; earlier ones are neither loaded nor replaced, whatever the window. */
  readonly firstDay?: UtcDate;
  /**
   * The columns that tell every row of one load from every other: single values, of any type but JSON, a null being one
   * value more. Rows that share them would be counted twice and fail the run. Absent where rows have no identity.
   */
  readonly naturalKey?: readonly string[];
  /** Columns that the options of the processor leave null in every row. No merge can tell rows by them. */
  readonly leftOut?: readonly string[];
  /** Money columns to be proven by the receipt: summed per currency at every step. */
  readonly money?: readonly MoneyColumn[];
  /** Views of the table, which every load creates beside it, or brings up to date. */
  readonly views?: readonly TableView[];
}

/** A view that shows some columns of a table, of all of its rows. */
export interface TableView {
  /** Lies in the dataset of the table, under a name that no table has. */
  readonly name: string;
  readonly description: string;
  /** Columns of the table, in the order of the view. */
  readonly columns: readonly string[];
}

/** A money column and the column that names its currency. */
export interface MoneyColumn {
  readonly amount: string;
  readonly currency: string;
}

/**
 * One value of a row. INT64 is a bigint or a safe integer; NUMERIC and BIGNUMERIC a decimal text; DATE
 * `YYYY-MM-DD`; TIMESTAMP ISO 8601 in UTC, up to microseconds; JSON its serialised text; a REPEATED column an array; a
 * STRUCT an object keyed by field name.
 */
export type Value = string | bigint | number | boolean | null | readonly Value[] | Row;

/** One row, keyed by column name. An absent key is null. */
export interface Row {
  readonly [column: string]: Value;
}

/** Columns that say which run loaded a row, and of which account; every target table ends with them. */
export const LINEAGE_COLUMNS: readonly Column[] = [
  { name: '_run_id', type: 'STRING', mode: 'REQUIRED', description: 'Run that loaded the row' },
  { name: '_pipeline', type: 'STRING', mode: 'REQUIRED', description: 'Pipeline as provider/domain/name' },
  {
    name: '_loaded_at',
    type: 'TIMESTAMP',
    mode: 'REQUIRED',
    description: 'When the load of the row began, UTC',
  },
  {
    name: '_credential',
    type: 'STRING',
    description: 'Credential that the row was read with; null without one, and in rows of an older release',
  },
];
