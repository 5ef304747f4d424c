import { shorten } from '../errors/shorten.ts';

/**
 * An exact decimal in its one canonical form: plain notation without padding (`-1.5`), never `-0`. Only a number that
 * would take more than a thousand zeros keeps an exponent (`1e1001`): a few characters must not become gigabytes. Money
 * and quantities travel as this text from the provider's payload to the warehouse; no binary float touches them.
 */
export type DecimalText = string;

/** A decimal number: `digits` × 10^`exponent`. The digits have no zero at either end, and there are none of zero. */
export interface DecimalParts {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: bigint;
}

/** The sign, the digits before the point, those after it, those of a text that begins with the point, the exponent. */
const DECIMAL_SHAPE = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;
/** Almost every amount arrives in canonical form, and needs no arithmetic to be brought into it. */
const PLAIN_SHAPE = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;

const MOST_ZEROS = 1_000n;
const MOST_EXPONENT_DIGITS = 1_000;
const ZERO = 0x30;

/**
 * Whether the text is a decimal number: ASCII digits with at most one point among or at either end of them, a sign and an
 * exponent where there is one. Zeros in front, length and size do not matter; spaces, separators, `NaN` and `Infinity`
 * are not part of a number.
 */
export function isDecimalText(text: string): boolean {
  return PLAIN_SHAPE.test(text) || DECIMAL_SHAPE.test(text);
}

/** Whether the text is in canonical form, without an exponent. */
export function isPlain(text: string): boolean {
  return PLAIN_SHAPE.test(text) && text !== '-0';
}

/**
 * The number that a text is.
 * @throws TypeError when it is not a decimal number.
 */
export function decimalParts(text: string): DecimalParts {
  const match = DECIMAL_SHAPE.exec(text);
  if (!match) throw new TypeError(`${JSON.stringify(shorten(text))} is not a decimal number.`);
  const [, sign, whole = '', fraction = match[4] ?? '', , exponent = '0'] = match;
  return partsOfDigits(sign === '-', whole + fraction, readExponent(exponent) - BigInt(fraction.length));
}

/** The number of `digits` × 10^`exponent`, whatever zeros the digits begin and end with. */
export function partsOfDigits(negative: boolean, digits: string, exponent: bigint): DecimalParts {
  let start = 0;
  let end = digits.length;
  while (start < end && digits.charCodeAt(start) === ZERO) start++;
  while (end > start && digits.charCodeAt(end - 1) === ZERO) end--;
  return { negative, digits: digits.slice(start, end), exponent: exponent + BigInt(digits.length - end) };
}

/** The canonical text of a number. */
export function decimalText({ negative, digits, exponent }: DecimalParts): DecimalText {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  const point = BigInt(digits.length) + exponent;
  const zeros = exponent > 0n ? exponent : -point;
  if (zeros > MOST_ZEROS) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0]}${fraction}e${point - 1n}`;
  }
  if (exponent >= 0n) return `${sign}${digits}${'0'.repeat(Number(exponent))}`;
  if (point <= 0n) return `${sign}0.${'0'.repeat(Number(-point))}${digits}`;
  return `${sign}${digits.slice(0, Number(point))}.${digits.slice(Number(point))}`;
}

/** An integer of millions of digits takes minutes to read, and no column holds a number with such an exponent. */
function readExponent(text: string): bigint {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '').replace(/^0+/, '');
  const most = digits.length > MOST_EXPONENT_DIGITS ? '9'.repeat(MOST_EXPONENT_DIGITS) : digits;
  const exponent = BigInt(most);
  return negative ? -exponent : exponent;
}
