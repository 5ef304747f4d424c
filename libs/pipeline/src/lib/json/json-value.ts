import { PipelineError } from '../errors/pipeline-error.ts';
import { shorten } from '../errors/shorten.ts';
import { LargeArray } from './large-array.ts';
import { isDecimalText, type DecimalText } from '../money/decimal-text.ts';
import { integerDigits, plainDecimal } from '../money/decimal.ts';

const INTEGER_SHAPE = /^-?\d+$/;
const INT64_DIGITS = 19;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * A value inside a provider's answer that knows its path. Fields are read one by one, strictly; fields that nobody
 * reads may be anything. Expects JSON parsed by `parseExactJson`.
 *
 * Every reader throws PipelineError `provider_response_invalid` naming the JSON path and the kind of value found
 * there, never the value itself, unless that is a number.
 */
export class JsonValue {
  /**
   * @param provider Provider name for messages.
   * @param parent The object or array that holds the value.
   * @param key The value's name or index in its parent.
   */
  constructor(
    private readonly provider: string,
    private readonly raw: unknown,
    private readonly parent?: JsonValue,
    private readonly key?: string | number,
  ) {}

  /** A field of an object; an absent one reads as null. */
  get(name: string): JsonValue {
    return new JsonValue(this.provider, this.fieldOf(name), this, name);
  }

  /** The text of a field, or null when it is absent or null. */
  optionalText(name: string): string | null {
    const value = this.fieldOf(name);
    if (typeof value === 'string') return value;
    return value === undefined || value === null ? null : this.get(name).text();
  }

  /** The elements of an array. */
  items(): readonly JsonValue[] {
    return [...this.slices()].flat();
  }

  /** The elements of an array, some at a time, so that a large one need not be in memory as a whole. */
  *slices(): Generator<readonly JsonValue[]> {
    if (!isArray(this.raw)) throw this.invalid('an array');
    let index = 0;
    for (const slice of this.rawSlices(this.raw)) {
      yield slice.map((item) => new JsonValue(this.provider, item, this, index++));
    }
  }

  /** Whether the value is absent or null. */
  isNull(): boolean {
    return this.raw === undefined || this.raw === null;
  }

  /** Whether the value is an object without fields or an array without elements. */
  isEmpty(): boolean {
    if (Array.isArray(this.raw)) return this.raw.length === 0;
    return kindOf(this.raw) === 'an object' && Object.keys(this.raw as object).length === 0;
  }

  /** Null when the value is absent or null, otherwise what `read` makes of it: `field.optional((v) => v.text())`. */
  optional<T>(read: (value: JsonValue) => T): T | null {
    return this.isNull() ? null : read(this);
  }

  /**
   * The value, or the default in place of an absent or null one: Protocol Buffers' JSON may leave out an empty list or
   * message, a zero, a false and an empty text.
   */
  orDefault(value: object | string | 0 | false): JsonValue {
    return this.isNull() ? new JsonValue(this.provider, value, this.parent, this.key) : this;
  }

  text(): string {
    if (typeof this.raw !== 'string') throw this.invalid('a string');
    return this.raw;
  }

  boolean(): boolean {
    if (typeof this.raw !== 'boolean') throw this.invalid('true or false');
    return this.raw;
  }

  /** A 64-bit integer, written as a JSON number or, as Google's APIs do, as a string. `1e2` and `1.0` are integers. */
  integer(): bigint {
    if (!this.isDecimal()) throw this.invalid('a 64-bit integer');
    const text = String(this.raw);
    const integer = toInt64(text);
    if (integer === undefined) throw this.refusal('a 64-bit integer', `the number ${shorten(text)}`);
    return integer;
  }

  /** An exact decimal of any size, written as a JSON number or as a string. */
  decimal(): DecimalText {
    return plainDecimal(this.decimalAsReceived());
  }

  /** Like {@link decimal}, with the very characters of the answer: trailing zeros and exponent are kept. */
  decimalAsReceived(): string {
    if (!this.isDecimal()) throw this.invalid('a decimal number');
    return String(this.raw);
  }

  /** The error that says what was expected here, for rules that a caller checks itself. */
  invalid(expected: string): PipelineError {
    return this.refusal(expected, kindOf(this.raw));
  }

  private refusal(expected: string, found: string): PipelineError {
    return new PipelineError(
      'provider_response_invalid',
      `${this.provider} answered with a shape that is not documented: ${this.path()} should be ${expected}, found ${found}.`,
      { facts: { provider: this.provider, json_path: this.path() } },
    );
  }

  private fieldOf(name: string): unknown {
    const { raw } = this;
    if (typeof raw !== 'object' || raw === null || isArray(raw)) throw this.invalid('an object');
    return Object.hasOwn(raw, name) ? (raw as Record<string, unknown>)[name] : undefined;
  }

  private *rawSlices(array: readonly unknown[] | LargeArray): Generator<readonly unknown[]> {
    if (!(array instanceof LargeArray)) {
      yield array;
      return;
    }
    try {
      yield* array.slices();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // It shows a part of the answer, and so it is no cause that may be logged.
      throw new PipelineError(
        'provider_response_invalid',
        `${this.provider} answered with a body that is not JSON: the fault lies in ${this.path()}.`,
        { facts: { provider: this.provider, json_path: this.path() } },
      );
    }
  }

  /** Numbers that a binary float cannot hold arrive as their source text. */
  private isDecimal(): boolean {
    return typeof this.raw === 'number' || (typeof this.raw === 'string' && isDecimalText(this.raw));
  }

  private path(): string {
    if (!this.parent) return '$';
    return this.parent.path() + (typeof this.key === 'number' ? `[${this.key}]` : `.${this.key}`);
  }
}

function isArray(raw: unknown): raw is readonly unknown[] | LargeArray {
  return Array.isArray(raw) || raw instanceof LargeArray;
}

function kindOf(raw: unknown): string {
  if (raw === undefined) return 'nothing';
  if (raw === null) return 'null';
  if (Array.isArray(raw)) return `an array of ${raw.length}`;
  if (raw instanceof LargeArray) return 'a large array';
  if (typeof raw === 'string') return `a string of ${raw.length} characters`;
  return typeof raw === 'object' ? 'an object' : `a ${typeof raw}`;
}

function toInt64(text: string): bigint | undefined {
  if (integerDigits(text) > INT64_DIGITS) return undefined;
  const plain = plainDecimal(text);
  const integer = INTEGER_SHAPE.test(plain) ? BigInt(plain) : undefined;
  return integer !== undefined && integer >= INT64_MIN && integer <= INT64_MAX ? integer : undefined;
}
