import type { ScalarType } from '@pipelines/pipeline';
import type { SqlDialect } from '../sql/sql-dialect.ts';

/** A table that other pipelines load. There may be several of the shape, and several pipelines may load one. */
export interface SourceTable {
  /** The one that the shipped pipeline loads. */
  readonly table: string;
  /** Name of the processor whose tables have this shape, whatever they are called. */
  readonly processorClass: string;
  /** DATE column of the UTC day that a row is of. */
  readonly day: string;
  /**
   * The columns that are read beside the day and the lineage. A table that was loaded last by an older release may lack
   * some; they are null then.
   */
  readonly reads: Readonly<Record<string, ScalarType>>;
  /** Arrays that are read, which every table has had from its beginning. */
  readonly arrays?: readonly string[];
}

/** How one provider's costs become charges. */
export interface SourceMapping {
  /** Who bills the costs: the ServiceProviderName of every charge. */
  readonly provider: string;
  /** The table with a row per charge. */
  readonly costs: SourceTable;
  /** The money in it, which the BilledCost of the charges adds up to. */
  readonly money: { readonly amount: string; readonly currency: string };
  /** A table that tells more of a charge. Charges are complete without it. */
  readonly usage?: SourceTable;
  /** The charges, one per row of the costs. */
  charges(sql: SqlDialect, relations: SourceRelations): Charges;
}

/**
 * Names under which a query sees the source tables, all of one shape together, with every column that is read, `_pipeline`,
 * `source_table` and `_credential`, which tells the accounts of a provider apart and is never null.
 */
export interface SourceRelations {
  readonly costs: string;
  /** Empty when there is no such table. */
  readonly usage: string;
}

/** A relation, and for columns of the unified table what they are in it. Those left out are null. */
export interface Charges {
  readonly from: string;
  readonly columns: Readonly<Record<string, string>>;
}
