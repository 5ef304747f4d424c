import { SQL_TYPES } from '@pipelines/pipeline';
import { exactQuotient } from './exact-quotient.ts';
import type { SqlDialect } from './sql-dialect.ts';

const TYPES = SQL_TYPES.duckdb;
/** What Unicode calls white space. DuckDB itself trims spaces alone. */
const BLANK = '[\\s\\x0b\\x{85}\\pZ]+';

/** DuckDB's SQL. */
export const DUCKDB: SqlDialect = {
  engine: 'duckdb',
  type: (type) => TYPES[type],
  // Its JSON is text that is checked.
  describedType: (type) => TYPES[type === 'JSON' ? 'STRING' : type],
  quote: (name) => `"${name}"`,
  parameter: (name) => `$${name}`,
  startOfMonth: (date) => `CAST(date_trunc('month', ${date}) AS DATE)`,
  // Clocks change on the second Sunday of March and on the first of November at 2:00, so no month begins in between. There
  // are no time zones without an extension.
  startOfPacificMonth: (month) => `(strptime(${month} || '01', '%Y%m%d') +
    CASE WHEN substr(${month}, 5, 2) BETWEEN '04' AND '11' THEN INTERVAL 7 HOUR ELSE INTERVAL 8 HOUR END)`,
  pacificMonth: (
    timestamp,
  ) => `strftime(${timestamp} - CASE WHEN month(${timestamp} - INTERVAL 7 HOUR) BETWEEN 4 AND 11
    THEN INTERVAL 7 HOUR ELSE INTERVAL 8 HOUR END, '%Y%m')`,
  nextMonth: (month) => `strftime(strptime(${month} || '01', '%Y%m%d') + INTERVAL 1 MONTH, '%Y%m')`,
  shifted: (decimal, digits) =>
    `${decimal} * CAST('0.${'1'.padStart(digits, '0')}' AS DECIMAL(${digits},${digits}))`,
  quotient: exactQuotient,
  float: (number) => `CAST(${number} AS DOUBLE)`,
  trimmed: (text) => `regexp_replace(${text}, '^${BLANK}|${BLANK}$', '', 'g')`,
  matches: (text, pattern) => `regexp_matches(${text}, '${pattern}')`,
  without: (text, pattern) => `regexp_replace(${text}, '${pattern}', '', 'g')`,
  extract: (text, pattern) => `NULLIF(regexp_extract(${text}, '${pattern}', 1), '')`,
  element: (array, position) => `${array}[${position}]`,
  elements: (array, name) => `UNNEST(${array}) WITH ORDINALITY AS each_${name}(${name}, ${name}_position)`,
  quoteJson: (text) => `CAST(to_json(${text}) AS VARCHAR)`,
  parseJson: (text) => `CAST(${text} AS JSON)`,
  instantText: (timestamp) => `strftime(${timestamp}, '%Y-%m-%dT%H:%M:%SZ')`,
  jsonText: (json) => `CAST(${json} AS VARCHAR)`,
};
