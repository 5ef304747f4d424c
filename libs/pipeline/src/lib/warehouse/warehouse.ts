import type { Secret } from '../secret/secret.ts';
import type { RunWindow } from '../window/run-window.ts';
import type { DescribedTable, TableReference } from './described-table.ts';
import type { LimitedGrouping } from './grouping.ts';
import type { CommitReceipt, LoadProof, StagedTotals, StageReceipt } from './receipt.ts';
import type { Row, TableSchema } from './table-schema.ts';

/**
 * How a commit changes the rows of its pipeline in the target. Several pipelines may write one table; each owns the rows
 * that have its name in `_pipeline`, and neither changes nor measures those of others.
 * - `append` adds the staged rows.
 * - `replace_partitions` exchanges the days of the run's window, and of an incremental load every day that it has rows of.
 * - `merge` replaces rows of equal merge key and adds the others.
 * - `replace` exchanges all rows.
 */
export type WriteDisposition = 'append' | 'replace_partitions' | 'merge' | 'replace';

/** All write dispositions, in the order the documentation lists them. */
export const WRITE_DISPOSITIONS = [
  'append',
  'replace_partitions',
  'merge',
  'replace',
] as const satisfies readonly WriteDisposition[];

/** SQL dialects that a query processor provides a text for. */
export type WarehouseEngine = 'duckdb' | 'bigquery';

/** Where a load ends. The dataset belongs to one organization. */
export interface LoadTarget {
  readonly dataset: string;
  readonly table: string;
  readonly writeDisposition: WriteDisposition;
  /** Columns that identify a row; required by `merge`. */
  readonly mergeKey?: readonly string[];
  /** DATE column to partition by; the schema's window column when absent. */
  readonly partitionBy?: string;
  readonly clusterBy?: readonly string[];
  /** Name of the organization's credential that the warehouse is opened with; the service's own identity when absent. */
  readonly credentials?: string;
}

/** Where in the warehouse an organization's data lies. What is absent is as the service's settings have it. */
export interface WarehousePlace {
  /** Google Cloud project that holds the datasets and pays for the jobs. */
  readonly project?: string;
  /** Location of every dataset and job. */
  readonly location?: string;
}

/** The credential that a target names, opened. */
export interface WarehouseCredential {
  readonly name: string;
  /** Raised by each secret that takes the place of another. */
  readonly version: number;
  readonly secret: Secret<object>;
}

/** One load of one attempt of one run. Its staging area is derived from `runId` and `attempt` alone. */
export interface Load {
  readonly runId: string;
  readonly attempt: number;
  readonly org: string;
  /** `provider/domain/name`, written to the lineage column and to job labels. */
  readonly pipeline: string;
  /** Name of the organization's credential that the rows are read with, written to `_credential`; absent without one. */
  readonly sourceCredential?: string;
  /** ISO 8601 instant written to `_loaded_at`. */
  readonly loadedAt: string;
  readonly window: RunWindow;
  readonly schema: TableSchema;
  readonly target: LoadTarget;
  /** The service's own place when absent. */
  readonly place?: WarehousePlace;
  /** Present when the target names one and the warehouse takes one. */
  readonly credential?: WarehouseCredential;
  readonly signal: AbortSignal;
}

/**
 * A load that was handed over before: enough to ask what became of it, and to do away with what it staged, also when
 * its schema is no longer known.
 */
export type EarlierLoad = Pick<
  Load,
  'runId' | 'attempt' | 'org' | 'target' | 'place' | 'credential' | 'signal'
>;

/** A query that the warehouse runs itself, in its own dialect, with named parameters (`@name` / `$name`). */
export interface WarehouseQuery {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A row of an answer, every value as the query's own cast to text writes it. */
export type TextRow = Readonly<Record<string, string | null>>;

/** Takes rows over; the next ones come when it is done. */
export type TakeRows = (rows: readonly TextRow[]) => Promise<void>;

/** Runs a query whose answer is small, and all text. */
export type ReadWarehouse = (query: WarehouseQuery) => Promise<readonly TextRow[]>;

/**
 * The three verbs that every load goes through: stage, check, commit. Staging belongs to one attempt alone; the
 * target changes in `commit` only, atomically, and at most once per run id. An error of `commit` leaves open whether it
 * took effect when it is transient; `findCommit` tells.
 *
 * Errors: `schema_mismatch`, `duplicate_rows`, `receipt_mismatch`, `warehouse_rejected` (terminal),
 * `warehouse_unavailable` (transient).
 */
export abstract class Warehouse {
  abstract readonly engine: WarehouseEngine;

  /** Fraction digits a BIGNUMERIC column keeps here; what is past it is rounded half to even. */
  abstract readonly decimalScale: number;

  /** Provider whose credentials a target may name; undefined where a warehouse is opened without one. */
  readonly credentialProvider?: string;

  /**
   * The place with every default filled in. It is kept with what was loaded, because settings change; a warehouse that
   * is in one place alone has nothing to tell.
   */
  resolvePlace(_place: WarehousePlace): WarehousePlace {
    return {};
  }

  /**
   * Name of the line in which commits to the target wait for one another, whatever process makes them; undefined where
   * the warehouse itself lets them wait. A commit out of turn does no harm, but may be refused.
   */
  commitLine(_load: Pick<Load, 'target' | 'place'>): string | undefined {
    return undefined;
  }

  /**
   * A table or view as it exists, or undefined when there is none. Reads no rows.
   * @throws PipelineError `source_location_mismatch` when it lies where the load's queries cannot read it,
   * `warehouse_rejected` without access, `configuration_invalid` for a name that none can have.
   */
  abstract describeTable(load: Load, reference: TableReference): Promise<DescribedTable | undefined>;

  /**
   * The answer of a query with text columns only. It is held in memory: ask for what decides a load, not for what is
   * loaded.
   */
  abstract read(load: Load, query: WarehouseQuery): Promise<readonly TextRow[]>;

  /**
   * Hands over the answer of a query with text columns only, however long and in any order, with memory bounded by one
   * batch of some thousand rows. An error of `take` ends it.
   */
  abstract readInBatches(load: Load, query: WarehouseQuery, take: TakeRows): Promise<void>;

  /** Creates the staging table and streams the batches into it, with memory bounded by one batch. */
  abstract stageRows(load: Load, batches: AsyncIterable<readonly Row[]>): Promise<StageReceipt>;

  /** Creates the staging table from a query that runs inside the warehouse. */
  abstract stageQuery(load: Load, query: WarehouseQuery): Promise<StageReceipt>;

  /**
   * Counts and sums what was staged, as a whole and, where that is asked for, by groups.
   * @throws PipelineError `duplicate_rows` when staged rows share the natural key of their table.
   */
  abstract check(load: Load, grouping?: LimitedGrouping): Promise<StagedTotals>;

  /**
   * Moves staging into the target, creating dataset and table when missing. Safe to call again. Inside the transaction
   * the run's rows are counted and summed where they now lie; unless that equals what was extracted, it is undone.
   */
  abstract commit(load: Load, proof: LoadProof): Promise<CommitReceipt>;

  /**
   * The receipt of the run's commit, whichever attempt made it, or undefined when there is none. Waits for a commit
   * that is under way. Never changes anything.
   */
  abstract findCommit(load: EarlierLoad): Promise<CommitReceipt | undefined>;

  /**
   * Removes the staging area, without which the attempt cannot begin to commit any more. Safe to call at any time, any
   * number of times.
   */
  abstract discard(load: EarlierLoad): Promise<void>;

  /** Resolves when the warehouse can be used; used by the readiness check. */
  abstract ping(): Promise<void>;
}
