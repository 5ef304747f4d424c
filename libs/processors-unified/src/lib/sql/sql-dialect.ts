import type { ScalarType, WarehouseEngine } from '@pipelines/pipeline';

/** What the warehouses write differently. Everything else in the statements of this lib is the same text for both. */
export interface SqlDialect {
  readonly engine: WarehouseEngine;
  /** Name of a type of single values. */
  type(type: ScalarType): string;
  /** What the warehouse describes a column of the type as. */
  describedType(type: ScalarType): string;
  /** A column or table name. */
  quote(name: string): string;
  /** A STRING parameter of the query. */
  parameter(name: string): string;
  /** First day of the month of a DATE. */
  startOfMonth(date: string): string;
  /** The instant at which a month, a text `YYYYMM`, begins in Los Angeles. */
  startOfPacificMonth(month: string): string;
  /** The month, a text `YYYYMM`, that it is in Los Angeles at an instant. */
  pacificMonth(timestamp: string): string;
  /** The month, a text `YYYYMM`, that follows another. */
  nextMonth(month: string): string;
  /** A BIGNUMERIC with the point moved to the left by so many digits, exactly. */
  shifted(decimal: string, digits: number): string;
  /** A BIGNUMERIC by a BIGNUMERIC to every digit that the warehouse keeps; the divisor is above zero. */
  quotient(dividend: string, divisor: string): string;
  /** The number as a binary float, for comparisons within a tolerance. */
  float(number: string): string;
  /** The text without white space around it, that of any alphabet. */
  trimmed(text: string): string;
  /** Condition: the text matches the pattern, which spells its own beginning and end. */
  matches(text: string, pattern: string): string;
  /** The text with every match of the pattern taken out. */
  without(text: string, pattern: string): string;
  /** The first group of the pattern in the text; null where it does not match. */
  extract(text: string, pattern: string): string;
  /** The element of an array at a position of {@link elements}; null where the position is. */
  element(array: string, position: string): string;
  /** FROM clause of the elements of an array, known by the name; `{name}_position` orders them. */
  elements(array: string, name: string): string;
  /** The JSON text of a text; of null it is `null` in BigQuery. */
  quoteJson(text: string): string;
  /** The JSON value that a text is. */
  parseJson(text: string): string;
  /** A TIMESTAMP as `2026-11-01T00:00:00Z`. */
  instantText(timestamp: string): string;
  /** The JSON text of a JSON value; of null it is `null` in BigQuery. */
  jsonText(json: string): string;
}
