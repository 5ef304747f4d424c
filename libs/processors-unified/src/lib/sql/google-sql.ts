import { SQL_TYPES } from '@pipelines/pipeline';
import type { SqlDialect } from './sql-dialect.ts';

const TYPES = SQL_TYPES.bigquery;

/** GoogleSQL, which BigQuery speaks. */
export const GOOGLE_SQL: SqlDialect = {
  engine: 'bigquery',
  type: (type) => TYPES[type],
  describedType: (type) => TYPES[type],
  quote: (name) => `\`${name}\``,
  parameter: (name) => `@${name}`,
  startOfMonth: (date) => `DATE_TRUNC(${date}, MONTH)`,
  startOfPacificMonth: (month) => `TIMESTAMP(PARSE_DATE('%Y%m', ${month}), 'America/Los_Angeles')`,
  pacificMonth: (timestamp) => `FORMAT_DATE('%Y%m', DATE(${timestamp}, 'America/Los_Angeles'))`,
  nextMonth: (month) => `FORMAT_DATE('%Y%m', DATE_ADD(PARSE_DATE('%Y%m', ${month}), INTERVAL 1 MONTH))`,
  shifted: (decimal, digits) => `${decimal} / ${10 ** digits}`,
  quotient: (dividend, divisor) => `CAST(${dividend} AS BIGNUMERIC) / CAST(${divisor} AS BIGNUMERIC)`,
  float: (number) => `CAST(${number} AS FLOAT64)`,
  trimmed: (text) => `TRIM(${text})`,
  matches: (text, pattern) => `REGEXP_CONTAINS(${text}, r'${pattern}')`,
  without: (text, pattern) => `REGEXP_REPLACE(${text}, r'${pattern}', '')`,
  extract: (text, pattern) => `REGEXP_EXTRACT(${text}, r'${pattern}')`,
  element: (array, position) => `${array}[SAFE_ORDINAL(${position} + 1)]`,
  elements: (array, name) => `UNNEST(${array}) AS ${name} WITH OFFSET AS ${name}_position`,
  quoteJson: (text) => `TO_JSON_STRING(${text})`,
  parseJson: (text) => `PARSE_JSON(${text})`,
  instantText: (timestamp) => `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%SZ', ${timestamp})`,
  jsonText: (json) => `TO_JSON_STRING(${json})`,
};
