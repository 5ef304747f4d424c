/** Fraction digits of every amount of the sandbox: more than a binary float holds, as the real APIs were seen to send. */
export const SCALE = 25;

/** The decimal text of `units · 10^-scale`, with trailing zeros removed. */
export function toDecimalText(units: bigint, scale: number = SCALE): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '');
  return units < 0n ? `-${text}` : text;
}

/** The units rounded half to even at fewer fraction digits, as a warehouse column keeps them; still at full scale. */
export function roundUnits(units: bigint, fractionDigits: number): bigint {
  if (fractionDigits >= SCALE) return units;
  const step = 10n ** BigInt(SCALE - fractionDigits);
  const remainder = ((units % step) + step) % step;
  const floor = units - remainder;
  const up = remainder * 2n > step || (remainder * 2n === step && (floor / step) % 2n !== 0n);
  return up ? floor + step : floor;
}
