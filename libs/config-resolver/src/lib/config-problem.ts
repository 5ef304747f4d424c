/** One thing that is wrong with a configuration file: what, where, and what to do about it. */
export interface ConfigProblem {
  /** Path of the file, relative to the configuration directory, with forward slashes. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Dotted path of the field, for example `target.table`; absent when the problem is not of one field. */
  readonly field?: string;
  readonly message: string;
}

/** A {@link ConfigProblem} before the file says where the field stands. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
  /** Point at the field's key instead of its value: the key itself is what is wrong. */
  readonly atKey?: boolean;
  /** Point at this text inside the value. */
  readonly token?: string;
}
