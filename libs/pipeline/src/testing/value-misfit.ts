import { isDecimalText } from '../lib/money/decimal-text.ts';
import { plainDecimal } from '../lib/money/decimal.ts';
import type { Column, Row, ScalarType, Value } from '../lib/warehouse/table-schema.ts';

const SHAPES: Readonly<Record<ScalarType, (value: Value) => boolean>> = {
  STRING: (value) => typeof value === 'string',
  BOOL: (value) => typeof value === 'boolean',
  INT64: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
  NUMERIC: (value) => isPlainDecimal(value),
  BIGNUMERIC: (value) => isPlainDecimal(value),
  DATE: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value),
  TIMESTAMP: (value) =>
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/.test(value),
  JSON: (value) => typeof value === 'string' && JSON.stringify(JSON.parse(value)) === value,
};

function isPlainDecimal(value: Value): boolean {
  return typeof value === 'string' && isDecimalText(value) && plainDecimal(value) === value;
}

/** Why a value does not fit its column; undefined when it does. */
export function misfit(column: Column, value: Value): string | undefined {
  const { name, type, mode, fields = [] } = column;
  if (value === null) return mode === 'REQUIRED' ? `${name} is REQUIRED` : undefined;
  if (mode === 'REPEATED' && Array.isArray(value)) {
    return firstMisfit(value, (element: Value) => misfit({ ...column, mode: 'REQUIRED' }, element));
  }
  if (type === 'STRUCT' && typeof value === 'object' && !Array.isArray(value)) {
    return firstMisfit(fields, (field) => misfit(field, (value as Row)[field.name] ?? null));
  }
  const fits = mode !== 'REPEATED' && type !== 'STRUCT' && SHAPES[type](value);
  return fits ? undefined : `${name} is not ${mode} ${type}: ${String(value)}`;
}

function firstMisfit<T>(parts: readonly T[], misfitOf: (part: T) => string | undefined): string | undefined {
  return parts.map(misfitOf).find((problem) => problem !== undefined);
}
