import { SQL_TYPES, type ScalarType } from '@pipelines/pipeline';
import type { SqlDialect } from './sql-dialect.ts';

const TYPES = SQL_TYPES.duckdb;
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const HALF_A_UNIT = { NUMERIC: '5e-10', BIGNUMERIC: '5e-19' } as const;

/**
 * DuckDB's own cast of a DOUBLE to a decimal loses digits past 2^53 units of the last place, so it goes by way of text; and
 * of a text with an exponent that is far smaller than such a unit, as 5e-20, it makes a whole one.
 */
function decimal(expression: string, type: keyof typeof HALF_A_UNIT): string {
  return `CASE WHEN ABS(TRY_CAST(${expression} AS DOUBLE)) < ${HALF_A_UNIT[type]} THEN 0
    ELSE CAST(CAST(${expression} AS VARCHAR) AS ${TYPES[type]}) END`;
}

/** DuckDB's SQL. */
export const DUCKDB: SqlDialect = {
  engine: 'duckdb',
  field: (path) => path.split('.').map(quote).join('.'),
  cast: (expression, type) =>
    type === 'NUMERIC' || type === 'BIGNUMERIC'
      ? decimal(expression, type)
      : `CAST(${expression} AS ${TYPES[type]})`,
  isAmount: (expression) => `COALESCE(ABS(TRY_CAST(${expression} AS DOUBLE)) < 1e20, FALSE)`,
  // Of a million rows, a sub-select over the elements takes a hundred times as long.
  someElement: (array, name, condition) =>
    `(COALESCE(len(list_filter(${array}, lambda ${name}: ${condition})), 0) > 0)`,
  knownClocks: (parameter) =>
    `(SELECT pair[1] AS clock, CAST(pair[2] AS TIMESTAMP) AS since FROM UNNEST(from_json($${parameter}, '[["VARCHAR"]]')) AS pairs(pair))`,
  day: (instant) => `CAST(${instant} AS DATE)`,
  instant: (parameter) => `CAST($${parameter} AS TIMESTAMP)`,
  instantText: (instant) => `strftime(${instant}, '%Y-%m-%dT%H:%M:%S.%fZ')`,
  structs: (array, element, fields) => {
    const members = fields.map(([name, expression]) => `${quote(name)} := ${expression}`);
    return `list_transform(${array}, lambda ${quote(element)}: struct_pack(${members.join(', ')}))`;
  },
  elements: (array, name) => `UNNEST(${array}) AS each_${name}(${name})`,
  emptyArray: ({ type, fields }) => {
    const members = fields?.map((field) => `${quote(field.name)} ${TYPES[field.type as ScalarType]}`);
    return `CAST([] AS ${members ? `STRUCT(${members.join(', ')})` : TYPES[type as ScalarType]}[])`;
  },
};
