import type { DecimalText } from './decimal-text.ts';
import { roundDecimal, shiftDecimal, unscaledDecimal } from './decimal.ts';

/** A running sum of decimals, each rounded half to even before it is added. It is kept as one integer, for speed. */
export class DecimalSum {
  private units = 0n;

  /** @param scale Fraction digits of the sum. */
  constructor(private readonly scale: number) {}

  add(decimal: string): void {
    this.units += unscaledDecimal(roundDecimal(decimal, this.scale), this.scale);
  }

  get text(): DecimalText {
    return shiftDecimal(String(this.units), -this.scale);
  }
}
