import { shorten } from '../errors/shorten.ts';
import { decimalParts, decimalText, isPlain, partsOfDigits, type DecimalText } from './decimal-text.ts';

/** Characters of an integer, sign included, that a number holds exactly whatever they are. */
const SAFE_DIGITS = 15;
const POWERS_OF_TEN: bigint[] = [];

/** The same number in canonical form: `1.5e-7` is `0.00000015`. No digit is lost; a minus before zero is. */
export function plainDecimal(text: string): DecimalText {
  return isPlain(text) ? text : decimalText(decimalParts(text));
}

/** The decimal rounded half to even at `scale` fraction digits, in canonical form. */
export function roundDecimal(text: string, scale: number): DecimalText {
  if (isPlain(text)) {
    const excess = fractionDigits(text) - scale;
    if (excess <= 0) return text;
    if (scale > 0 && text[text.length - excess]! < '5') return withoutPadding(text.slice(0, -excess));
  }
  const parts = decimalParts(text);
  const { negative, digits, exponent } = parts;
  const excess = -exponent - BigInt(scale);
  if (excess <= 0n) return decimalText(parts);
  if (excess > digits.length) return '0';
  const cut = digits.length - Number(excess);
  const kept = digits.slice(0, cut);
  const first = digits[cut]!;
  // The last digit is not zero, so a 5 with others after it is more than a half.
  const up = first > '5' || (first === '5' && (excess > 1n || isOdd(kept)));
  return decimalText(partsOfDigits(negative, up ? plusOne(kept) : kept, BigInt(-scale)));
}

/**
 * The decimal as the integer that counts its units of the last of `scale` fraction digits: `unscaledDecimal('-1.5', 3)`
 * is `-1500n`.
 * @param text In plain notation, with `scale` fraction digits at most.
 */
export function unscaledDecimal(text: DecimalText, scale: number): bigint {
  const digits = fractionDigits(text);
  const point = text.length - digits - 1;
  const units = digits === 0 ? text : text.slice(0, point) + text.slice(point + 1);
  // What a number holds exactly is read faster by way of one.
  const exact = units.length <= SAFE_DIGITS ? BigInt(Number(units)) : BigInt(units);
  return digits === scale ? exact : exact * powerOfTen(scale - digits);
}

/** The decimal multiplied by a power of ten, exactly: `shiftDecimal('123.45', -2)` is `1.2345`. */
export function shiftDecimal(text: string, powerOfTen: number): DecimalText {
  const parts = decimalParts(text);
  return decimalText({ ...parts, exponent: parts.exponent + BigInt(powerOfTen) });
}

/**
 * The exact sum of two decimals.
 * @throws RangeError when one of them is too large or small to be written out.
 */
export function addDecimals(left: string, right: string): DecimalText {
  return combine(left, right, (a, b) => a + b);
}

/**
 * The exact difference `left - right`.
 * @throws RangeError when one of them is too large or small to be written out.
 */
export function subtractDecimals(left: string, right: string): DecimalText {
  return combine(left, right, (a, b) => a - b);
}

/** Whether two decimal texts are the same number (`1.50` and `1.5` are). */
export function equalDecimals(left: string, right: string): boolean {
  if (left === right && isPlain(left)) return true;
  const [a, b] = [decimalParts(left), decimalParts(right)];
  if (a.digits === '' || b.digits === '') return a.digits === b.digits;
  return a.negative === b.negative && a.digits === b.digits && a.exponent === b.exponent;
}

/** Digits before the point; a zero there is none. */
export function integerDigits(text: string): number {
  if (!isPlain(text)) {
    const { digits, exponent } = decimalParts(text);
    return digits === '' ? 0 : Math.max(0, Number(BigInt(digits.length) + exponent));
  }
  const start = text.startsWith('-') ? 1 : 0;
  const point = text.indexOf('.');
  const digits = (point === -1 ? text.length : point) - start;
  return text[start] === '0' ? digits - 1 : digits;
}

function combine(left: string, right: string, of: (a: bigint, b: bigint) => bigint): DecimalText {
  const [a, b] = [writtenOut(left), writtenOut(right)];
  const scale = Math.max(fractionDigits(a), fractionDigits(b));
  const units = of(unscaledDecimal(a, scale), unscaledDecimal(b, scale));
  const digits = (units < 0n ? -units : units).toString();
  return decimalText(partsOfDigits(units < 0n, digits, BigInt(-scale)));
}

function isOdd(digits: string): boolean {
  return '13579'.includes(digits.at(-1) ?? '0');
}

/** Digit by digit: as a number, a text of millions of digits takes minutes. */
function plusOne(digits: string): string {
  let at = digits.length;
  while (digits[at - 1] === '9') at--;
  const zeros = '0'.repeat(digits.length - at);
  return at === 0 ? `1${zeros}` : `${digits.slice(0, at - 1)}${Number(digits[at - 1]) + 1}${zeros}`;
}

function writtenOut(text: string): DecimalText {
  const plain = plainDecimal(text);
  if (plain.includes('e')) throw new RangeError(`"${shorten(text)}" has too many digits to be added.`);
  return plain;
}

/** @param text Plain but for zeros at the end of its fraction. */
function withoutPadding(text: string): DecimalText {
  let end = text.length;
  while (text[end - 1] === '0') end--;
  if (text[end - 1] === '.') end--;
  const trimmed = text.slice(0, end);
  return trimmed === '-0' ? '0' : trimmed;
}

function powerOfTen(exponent: number): bigint {
  return (POWERS_OF_TEN[exponent] ??= 10n ** BigInt(exponent));
}

function fractionDigits(plainText: string): number {
  const point = plainText.indexOf('.');
  return point === -1 ? 0 : plainText.length - point - 1;
}
