import type { SqlDialect } from '../sql/sql-dialect.ts';

/** The text without white space around it, but null where nothing is left. */
export function known(sql: SqlDialect, text: string): string {
  return `NULLIF(${sql.trimmed(text)}, '')`;
}
