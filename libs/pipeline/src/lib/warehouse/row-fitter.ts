import { PipelineError } from '../errors/pipeline-error.ts';
import { shorten } from '../errors/shorten.ts';
import { isDecimalText } from '../money/decimal-text.ts';
import { integerDigits, roundDecimal } from '../money/decimal.ts';
import type { Column, ColumnType, Row, ScalarType, Value } from './table-schema.ts';

/** Digits in all, and those after the point, of a decimal type. */
interface DecimalSize {
  readonly precision: number;
  readonly scale: number;
}

/** The decimal types of one warehouse. */
export type DecimalSizes = Readonly<Record<'NUMERIC' | 'BIGNUMERIC', DecimalSize>>;

/**
 * A single value in the one form of its type: INT64 a bigint, decimals rounded half to even at the column's scale,
 * TIMESTAMP with six fraction digits and `Z`, the others as in {@link Value}.
 */
export type FittedScalar = string | bigint | boolean;

/** A value in the one form of its column: an array of a REPEATED one's elements, or of a STRUCT's values in field order. */
export type FittedValue = FittedScalar | null | readonly FittedValue[];

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const TIMESTAMP_SHAPE = /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,6}))?Z$/;
const DATE_SHAPE = /^\d{4}-\d{2}-\d{2}$/;

/** Checks rows against the declared columns before they reach a warehouse, so that both refuse the same rows. */
export class RowFitter {
  private rowNumber = 0;

  /** @param table Table name for messages. */
  constructor(
    private readonly table: string,
    private readonly columns: readonly Column[],
    private readonly decimals: DecimalSizes,
  ) {}

  /**
   * The row's values in column order.
   * @throws PipelineError `schema_mismatch` naming row (counted from 1) and the path of the column: `labels[2].key`.
   */
  fit(row: Row): FittedValue[] {
    this.rowNumber++;
    return this.fitFields(this.columns, row, '');
  }

  /** @param prefix What the path of a field begins with. */
  private fitFields(fields: readonly Column[], values: Row, prefix: string): FittedValue[] {
    const fitted: FittedValue[] = [];
    let known = 0;
    for (const field of fields) {
      const value = values[field.name];
      if (value !== undefined) known++;
      fitted.push(this.fitColumn(field, value ?? null, prefix + field.name));
    }
    if (Object.keys(values).length !== known) this.refuseUnknown(fields, values, prefix);
    return fitted;
  }

  /** A column may be given as undefined, so that there are more keys than values; another key may not. */
  private refuseUnknown(fields: readonly Column[], values: Row, prefix: string): void {
    for (const key of Object.keys(values)) {
      if (!fields.some(({ name }) => name === key))
        throw this.mismatch(prefix + shorten(key), 'is not a column of the declared schema');
    }
  }

  private fitColumn(column: Column, value: Value, path: string): FittedValue {
    if (column.mode === 'REPEATED') return this.fitElements(column, value, path);
    if (value !== null) return this.fitValue(column, value, path);
    if (column.mode === 'REQUIRED') throw this.mismatch(path, 'is REQUIRED but the value is null');
    return null;
  }

  private fitElements(column: Column, value: Value, path: string): FittedValue[] {
    if (value === null) return [];
    if (!Array.isArray(value)) throw this.mismatch(path, `is REPEATED but the value is ${show(value)}`);
    return Array.from(value as readonly Value[], (element: Value | undefined, index) => {
      const at = `${path}[${index}]`;
      if (element === null || element === undefined)
        throw this.mismatch(at, 'is null, which no array may hold');
      return this.fitValue(column, element, at);
    });
  }

  private fitValue({ type, fields = [] }: Column, value: NonNullable<Value>, path: string): FittedValue {
    const fitted =
      type !== 'STRUCT'
        ? this.fitScalar(type, value)
        : isRow(value)
          ? this.fitFields(fields, value, `${path}.`)
          : undefined;
    if (fitted === undefined)
      throw this.mismatch(path, `is ${type}${this.limitOf(type, value)} but the value is ${show(value)}`);
    return fitted;
  }

  /** The digits that a decimal column has, for a number that has more. */
  private limitOf(type: ColumnType, value: NonNullable<Value>): string {
    if (!isDecimalType(type) || typeof value !== 'string' || !isDecimalText(value)) return '';
    const { precision, scale } = this.decimals[type];
    return `, with ${precision - scale} digits before the point here,`;
  }

  private fitScalar(type: ScalarType, value: NonNullable<Value>): FittedScalar | undefined {
    switch (type) {
      case 'NUMERIC':
      case 'BIGNUMERIC':
        return typeof value === 'string' ? fitDecimal(value, this.decimals[type]) : undefined;
      case 'INT64':
        return fitInteger(value);
      case 'BOOL':
        return typeof value === 'boolean' ? value : undefined;
      default:
        return typeof value === 'string' && value.isWellFormed() ? fitText(type, value) : undefined;
    }
  }

  private mismatch(column: string, problem: string): PipelineError {
    return new PipelineError(
      'schema_mismatch',
      `Row ${this.rowNumber} for ${this.table}: column "${column}" ${problem}.`,
      { facts: { table: this.table, column, row: this.rowNumber } },
    );
  }
}

function isRow(value: NonNullable<Value>): value is Row {
  return typeof value === 'object' && !Array.isArray(value);
}

function fitDecimal(value: string, { precision, scale }: DecimalSize): string | undefined {
  if (!isDecimalText(value)) return undefined;
  const rounded = roundDecimal(value, scale);
  return integerDigits(rounded) <= precision - scale ? rounded : undefined;
}

function isDecimalType(type: ColumnType): type is 'NUMERIC' | 'BIGNUMERIC' {
  return type === 'NUMERIC' || type === 'BIGNUMERIC';
}

function fitInteger(value: NonNullable<Value>): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

function fitText(type: 'STRING' | 'DATE' | 'TIMESTAMP' | 'JSON', value: string): string | undefined {
  if (type === 'DATE') return isDay(value) ? value : undefined;
  if (type === 'TIMESTAMP') {
    const [, day, time, fraction = ''] = TIMESTAMP_SHAPE.exec(value) ?? [];
    return day !== undefined && isDay(day) ? `${day}T${time}.${fraction.padEnd(6, '0')}Z` : undefined;
  }
  return type === 'STRING' || isJson(value) ? value : undefined;
}

let lastDay = '';

/** Years start at 0001: neither warehouse knows a year zero. Rows of one day come in a row, so the last is kept. */
function isDay(text: string): boolean {
  if (text === lastDay) return true;
  const instant = DATE_SHAPE.test(text) && text >= '0001' ? new Date(`${text}T00:00:00Z`) : new Date(NaN);
  const valid = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
  if (valid) lastDay = text;
  return valid;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function show(value: NonNullable<Value>): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'string'
    ? `the text ${JSON.stringify(shorten(value))}`
    : `the ${typeof value} ${shorten(String(value))}`;
}
