import type { ErrorCode } from '../errors/error-catalog.ts';
import type { DecimalText } from '../money/decimal-text.ts';
import type { RunWindow } from '../window/run-window.ts';
import type { UtcDate } from '../window/utc-date.ts';
import type { GroupTotals, Grouping } from './grouping.ts';
import type { Watermarks } from './watermarks.ts';

/** The sum of one money column in one currency. */
export interface MoneyTotal {
  readonly column: string;
  readonly currency: string;
  readonly sum: DecimalText;
}

/** Rows, and the money in them, at one step of a load. */
export interface LoadTotals {
  readonly rows: number;
  readonly money: readonly MoneyTotal[];
}

/** What lies in staging, as the warehouse itself counts it. */
export interface StagedTotals extends LoadTotals {
  /**
   * Rows whose window column lies outside the run's window, or is null; any such row fails the run. Rows of any day are
   * legal in an incremental load.
   */
  readonly rowsOutsideWindow: number;
  /** Of an incremental load: the days of its rows, in order. */
  readonly days?: readonly UtcDate[];
  /** Of an incremental load: the latest of its watermark column, as `2026-11-01T00:00:00.000000Z`; absent without rows. */
  readonly watermark?: string;
  /** Of an incremental load with several clocks: the latest of each clock that has rows. */
  readonly watermarks?: Watermarks;
  /** Of the grouping that was asked for, in the order of its columns. */
  readonly groups?: readonly GroupTotals[];
}

/** What staging took. */
export interface StageReceipt {
  /** Size of what was handed over: the compressed upload in BigQuery, the staging file in DuckDB; 0 if nothing was. */
  readonly bytesStaged: number;
  /** Bytes that a staging query read, which is what BigQuery bills; 0 where nothing is metered. */
  readonly bytesProcessed: number;
  /** Jobs of the warehouse that staged; empty where it has no jobs. */
  readonly jobIds: readonly string[];
}

/** By which groups what was staged was found to be what the sources hold, in rows and in every digit of the sums. */
export interface ControlProof extends Grouping {
  /** How many groups there are. */
  readonly groups: number;
}

/** Rows of the sources that are not loaded, because they lack what every row has. */
export interface PassedOverRows {
  /** What they lack: "no currency". */
  readonly reason: string;
  readonly rows: number;
  /** How many of them hold money; a run that passes such rows over was told to. */
  readonly rows_with_money: number;
}

/** An optional part of a run, such as names or a grouping, that the provider refused or failed to give. */
export interface LeftOutPart {
  /** "names of API keys". */
  readonly part: string;
  readonly code: ErrorCode;
  /** The message of the error. */
  readonly reason: string;
}

/** What an attempt has proven of its load before it commits; kept with the commit, and told by its receipt. */
export interface LoadProof {
  readonly rows: { readonly extracted: number; readonly staged: number };
  readonly money: {
    readonly extracted: readonly MoneyTotal[];
    readonly staged: readonly MoneyTotal[];
  };
  readonly stage: StageReceipt;
  /** Of a query that has a control: what was extracted is what that says of the sources. */
  readonly control?: ControlProof;
  /** Of a query that counts the rows of its sources which it cannot load; absent when there are none. */
  readonly passedOver?: readonly PassedOverRows[];
  /** Optional parts that the run did without; absent when there are none. */
  readonly leftOut?: readonly LeftOutPart[];
  /** Of an incremental load: the days that `replace_partitions` exchanges, which are the window's and those staged. */
  readonly spans?: readonly RunWindow[];
  /** Of an incremental load: how far it has read its sources, by their latest clock; absent when it has seen nothing yet. */
  readonly watermark?: string;
  /** Of an incremental load with several clocks: how far it has read by each. */
  readonly watermarks?: Watermarks;
}

/** A figure of the target that a commit changed: a day's sum of a money column in a currency. */
export interface RestatedFigure {
  readonly day: UtcDate;
  readonly column: string;
  readonly currency: string;
  readonly before: DecimalText;
  readonly after: DecimalText;
  /** `after - before`. */
  readonly difference: DecimalText;
}

/**
 * The figures that the target told before and tells otherwise since the commit. A day is restated when it held rows
 * before; one that was empty is new. `append` replaces nothing and restates nothing, nor does a table without a window
 * column or without money.
 */
export interface Restatement {
  /** How many there are. */
  readonly figures: number;
  /** The newest {@link MAX_RESTATED_ENTRIES} of them, newest day first, then by column and currency. */
  readonly entries: readonly RestatedFigure[];
}

/** A `replace` may change every day that a table ever had; a receipt stays of readable size. */
export const MAX_RESTATED_ENTRIES = 1_000;

/** What a commit did, as its transaction measured it. Every attempt of the run that asks is told the same. */
export interface CommitReceipt {
  /** What the attempt that committed had proven. */
  readonly proof: LoadProof;
  readonly committed: LoadTotals;
  /** Rows of the target that the commit removed. */
  readonly rowsReplaced: number;
  /** Days of the window, and others of an incremental load, that held rows before `replace_partitions` exchanged them, in order. */
  readonly daysReplaced: readonly UtcDate[];
  readonly restatement: Restatement;
  /** Jobs of the warehouse that committed; empty where it has no jobs. */
  readonly jobIds: readonly string[];
  /** True when another attempt of the run had committed; nothing was written this time. */
  readonly alreadyCommitted: boolean;
}
