import Big from 'big.js';

/**
 * An exact decimal in plain notation (`-1.50`, never `1e3`). Money and quantities travel as this text from
 * the provider's payload to the warehouse; no binary float touches them.
 */
export type DecimalText = string;

const DECIMAL_SHAPE = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;

/** A Big constructor of our own: strict mode refuses JavaScript numbers, so a float cannot slip in. */
const ExactBig = Big();
ExactBig.strict = true;

/** Whether the text is a finite decimal number in plain or exponent notation. */
export function isDecimalText(text: string): boolean {
  return DECIMAL_SHAPE.test(text);
}

/** The same number in plain notation: `1.5e-7` is `0.00000015`. No digit is lost; a minus before zero is. */
export function plainDecimal(text: string): DecimalText {
  return plain(new ExactBig(text));
}

/** The decimal rounded half to even at `scale` fraction digits, in plain notation without padding. */
export function roundDecimal(text: string, scale: number): DecimalText {
  return plain(new ExactBig(text).round(scale, Big.roundHalfEven));
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

function plain(value: Big): DecimalText {
  return value.toFixed();
}
