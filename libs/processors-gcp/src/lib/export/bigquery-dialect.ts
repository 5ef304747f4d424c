import type { SqlDialect } from './sql-dialect.ts';

const quote = (name: string): string => `\`${name}\``;
const field = (path: string): string => path.split('.').map(quote).join('.');

/** GoogleSQL. */
export const BIGQUERY: SqlDialect = {
  engine: 'bigquery',
  field,
  cast: (expression, type) =>
    type.endsWith('NUMERIC')
      ? `CAST(CAST(${expression} AS STRING) AS ${type})`
      : `CAST(${expression} AS ${type})`,
  isAmount: (expression) => `COALESCE(ABS(SAFE_CAST(${expression} AS FLOAT64)) < 1e38, FALSE)`,
  someElement: (array, name, condition) =>
    `EXISTS (SELECT 1 FROM UNNEST(${array}) AS ${name} WHERE ${condition})`,
  knownClocks: (parameter) =>
    `(SELECT JSON_VALUE(pair, '$[0]') AS clock, CAST(JSON_VALUE(pair, '$[1]') AS TIMESTAMP) AS since FROM UNNEST(JSON_QUERY_ARRAY(@${parameter})) AS pair)`,
  day: (instant) => `DATE(${instant})`,
  instant: (parameter) => `CAST(@${parameter} AS TIMESTAMP)`,
  instantText: (instant) => `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ${instant})`,
  structs: (array, element, fields) => {
    const members = fields.map(([name, expression]) => `${expression} AS ${quote(name)}`);
    return `ARRAY(SELECT AS STRUCT ${members.join(', ')} FROM UNNEST(${array}) AS ${quote(element)} WITH OFFSET AS position ORDER BY position)`;
  },
  elements: (array, name) => `UNNEST(${array}) AS ${name}`,
  emptyArray: ({ type, fields }) => {
    const members = fields?.map((field) => `${quote(field.name)} ${field.type}`);
    return `ARRAY<${members ? `STRUCT<${members.join(', ')}>` : type}>[]`;
  },
};
