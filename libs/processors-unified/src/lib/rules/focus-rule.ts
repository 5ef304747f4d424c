import type { FocusVersion } from '../focus/focus-columns.ts';
import type { SqlDialect } from '../sql/sql-dialect.ts';

/** A requirement of FOCUS that every row of the dataset has to meet by itself. */
export interface RowRule {
  /** Stable name, such as `not-null:BilledCost`. */
  readonly id: string;
  /** What is required. */
  readonly says: string;
  readonly versions: readonly FocusVersion[];
  /**
   * Why rows that do not meet it are accepted all the same, because a provider's data lacks what it asks for. Such a
   * rule is counted and published, and no violation.
   */
  readonly deviation?: string;
  /** Condition on the columns of a row, true for one that breaks the rule. */
  isBroken(sql: SqlDialect): string;
}

/** A requirement that rows meet or break together. */
export interface GroupRule extends Pick<RowRule, 'id' | 'says' | 'versions'> {
  /** SELECT of a single number: how many rows of the relation break the rule. */
  countBroken(relation: string, version: FocusVersion): string;
}
