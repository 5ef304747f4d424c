import type { SqlDialect } from './sql-dialect.ts';

/** The text of a decimal without padding: one warehouse pads with zeros, and the other leaves even the point out. */
export function plainDecimalText(sql: SqlDialect, decimal: string): string {
  const text = `CAST(${decimal} AS ${sql.type('STRING')})`;
  return `CASE WHEN STRPOS(${text}, '.') > 0 THEN RTRIM(RTRIM(${text}, '0'), '.') ELSE ${text} END`;
}
