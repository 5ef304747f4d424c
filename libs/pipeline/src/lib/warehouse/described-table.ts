/** A table that a query reads. */
export interface TableReference {
  /** Google Cloud project; that of the organization's own data when absent. A warehouse without projects ignores it. */
  readonly project?: string;
  readonly dataset: string;
  readonly table: string;
}

/** A column of an existing table, or a field inside of one. */
export interface DescribedColumn {
  /**
   * Names joined by dots through structs and arrays: `credits.amount`. Columns that the warehouse adds by itself and a
   * query may name are listed, too: `_PARTITIONTIME`.
   */
  readonly path: string;
  /** In the warehouse's own words; of one element where it repeats. */
  readonly type: string;
  readonly repeated: boolean;
}

/** A table as it exists, whoever fills it. */
export interface DescribedTable {
  readonly reference: TableReference;
  /** What stands for the table behind FROM in the warehouse's SQL: its name, quoted, or a query in parentheses. */
  readonly sqlName: string;
  /** Every column, each struct followed by its fields. */
  readonly columns: readonly DescribedColumn[];
  /** Where it lies; absent where a warehouse is in one place alone. */
  readonly location?: string;
}
