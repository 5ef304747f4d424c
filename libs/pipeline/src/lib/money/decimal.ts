import Big from 'big.js';

/**
 * An exact decimal in plain notation (`-1.50`, never `1e3`). Money and quantities travel as this text from
 * the provider's payload to the warehouse; no binary float touches them.
 */
export type DecimalText = string;

const DECIMAL_SHAPE = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;
/** Plain notation without padding; almost every amount arrives so, and needs no arithmetic to be brought into it. */
const PLAIN_SHAPE = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;

/** Characters of an integer, sign included, that a number holds exactly whatever they are. */
const SAFE_DIGITS = 15;
const POWERS_OF_TEN: bigint[] = [];

/** A Big constructor of our own: strict mode refuses JavaScript numbers, so a float cannot slip in. */
const ExactBig = Big();
ExactBig.strict = true;

/** Whether the text is a finite decimal number in plain or exponent notation. */
export function isDecimalText(text: string): boolean {
  return PLAIN_SHAPE.test(text) || DECIMAL_SHAPE.test(text);
}

/** The same number in plain notation: `1.5e-7` is `0.00000015`. No digit is lost; a minus before zero is. */
export function plainDecimal(text: string): DecimalText {
  return isPlain(text) ? text : plain(new ExactBig(text));
}

/** The decimal rounded half to even at `scale` fraction digits, in plain notation without padding. */
export function roundDecimal(text: string, scale: number): DecimalText {
  if (isPlain(text)) {
    const excess = fractionDigits(text) - scale;
    if (excess <= 0) return text;
    if (scale > 0 && text[text.length - excess]! < '5') return withoutPadding(text.slice(0, -excess));
  }
  return plain(new ExactBig(text).round(scale, Big.roundHalfEven));
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

/** The decimal divided by a power of ten, exactly: `shiftDecimal('123.45', -2)` is `1.2345`. */
export function shiftDecimal(text: string, powerOfTen: number): DecimalText {
  return plain(new ExactBig(text).times(new ExactBig(`1e${powerOfTen}`)));
}

/** The exact sum of two decimals. */
export function addDecimals(left: string, right: string): DecimalText {
  return plain(new ExactBig(left).plus(right));
}

/** The exact difference `left - right`. */
export function subtractDecimals(left: string, right: string): DecimalText {
  return plain(new ExactBig(left).minus(right));
}

/** Whether two decimal texts are the same number (`1.50` and `1.5` are). */
export function equalDecimals(left: string, right: string): boolean {
  return new ExactBig(left).eq(right);
}

function isPlain(text: string): boolean {
  return PLAIN_SHAPE.test(text) && text !== '-0';
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

function plain(value: Big): DecimalText {
  return value.toFixed();
}
