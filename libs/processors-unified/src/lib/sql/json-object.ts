import type { SqlDialect } from './sql-dialect.ts';

/** The JSON text of an object of texts, by name; one that is null is so there. */
export function jsonObject(sql: SqlDialect, texts: Readonly<Record<string, string>>): string {
  const parts = Object.entries(texts).map(
    ([name, text]) => `'"${name}":' || CASE WHEN ${text} IS NULL THEN 'null' ELSE ${sql.quoteJson(text)} END`,
  );
  return `'{' || ${parts.join(` || ',' || `)} || '}'`;
}
