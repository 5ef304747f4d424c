import type { Column, ScalarType, WarehouseEngine } from '@pipelines/pipeline';

/** How a warehouse's SQL writes what the queries over exports are made of. */
export interface SqlDialect {
  readonly engine: WarehouseEngine;
  /** A path of columns and fields, quoted. */
  field(path: string): string;
  /** The value as the type. A decimal is read from its text: of a float, the shortest that gives the same float. */
  cast(expression: string, type: ScalarType): string;
  /** The UTC day of an instant. */
  day(instant: string): string;
  /** Whether a number is one that a decimal of money can hold; never null. */
  isAmount(expression: string): string;
  /** Whether an element of an array satisfies the condition, which knows it by the name; never null. */
  someElement(array: string, name: string, condition: string): string;
  /**
   * FROM item with the columns `clock` and `since`.
   * @param parameter A JSON array of pairs of texts.
   */
  knownClocks(parameter: string): string;
  /** An instant that is given as a parameter. */
  instant(parameter: string): string;
  /** An instant as `2026-11-01T00:00:00.000000Z`. */
  instantText(instant: string): string;
  /** An array of structs, one for each element of the array and in its order. */
  structs(array: string, element: string, fields: readonly NamedExpression[]): string;
  /** FROM clause of the elements of an array, each known by the name. */
  elements(array: string, name: string): string;
  /** An array of the column's type that holds nothing. */
  emptyArray(column: Column): string;
}

/** An expression and the name of its value. */
type NamedExpression = readonly [name: string, expression: string];
