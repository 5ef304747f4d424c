import type { DuckDBValue } from '@duckdb/node-api';
import {
  unscaledDecimal,
  type Column,
  type FittedScalar,
  type FittedValue,
  type ScalarType,
} from '@pipelines/pipeline';
import { DECIMAL_SIZES } from './column-types.ts';

type DuckdbApi = typeof import('@duckdb/node-api');

const DAY_MS = 86_400_000;

/** Makes DuckDB's value of a fitted one, digit for digit. The module is passed in because it is imported lazily. */
export function toDuckdbValue(api: DuckdbApi, column: Column, value: FittedValue): DuckDBValue {
  if (column.mode !== 'REPEATED') return toSingleValue(api, column, value);
  return api.listValue(
    (value as readonly FittedValue[]).map((element) => toSingleValue(api, column, element)),
  );
}

function toSingleValue(api: DuckdbApi, { type, fields = [] }: Column, value: FittedValue): DuckDBValue {
  if (value === null) return null;
  if (type !== 'STRUCT') return toScalarValue(api, type, value as FittedScalar);
  const values = value as readonly FittedValue[];
  return api.structValue(
    Object.fromEntries(fields.map((field, index) => [field.name, toDuckdbValue(api, field, values[index]!)])),
  );
}

function toScalarValue(api: DuckdbApi, type: ScalarType, value: FittedScalar): DuckDBValue {
  if (typeof value !== 'string') return value;
  switch (type) {
    case 'NUMERIC':
    case 'BIGNUMERIC': {
      const { precision, scale } = DECIMAL_SIZES[type];
      return new api.DuckDBDecimalValue(unscaledDecimal(value, scale), precision, scale);
    }
    case 'DATE':
      return new api.DuckDBDateValue(dayNumber(value));
    case 'TIMESTAMP':
      return new api.DuckDBTimestampValue(microseconds(value));
    default:
      return value;
  }
}

/** Days since 1970-01-01. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/**
 * Microseconds since 1970 in UTC.
 * @param timestamp With six fraction digits; a Date would keep three of them.
 */
export function microseconds(timestamp: string): bigint {
  const [seconds, fraction] = timestamp.slice(0, -1).split('.') as [string, string];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000n + BigInt(fraction);
}
