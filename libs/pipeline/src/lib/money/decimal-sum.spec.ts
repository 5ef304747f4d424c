import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DecimalSum } from './decimal-sum.ts';
import { addDecimals, roundDecimal, shiftDecimal } from './decimal.ts';

describe('DecimalSum', () => {
  const sumOf = (scale: number, ...decimals: string[]): string => {
    const sum = new DecimalSum(scale);
    for (const decimal of decimals) sum.add(decimal);
    return sum.text;
  };

  it('starts at zero', () => {
    expect(sumOf(18)).toBe('0');
  });

  it('rounds each value half to even, and takes exponents', () => {
    expect(sumOf(2, '0.005', '0.015', '1e1', '-1.5E-1')).toBe('9.87');
  });

  it('takes every spelling of a number, and what is too small to count', () => {
    expect(sumOf(18, '+1', '.5', '2.', '-0', '0e99999', '1E+2', '007', '1e-999999999')).toBe('110.5');
    expect(sumOf(18, '1e400', '-1e400', '9'.repeat(400))).toBe('9'.repeat(400));
  });

  it('is what adding one by one gives', () => {
    const decimals = fc.array(
      fc
        .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat({ max: 25 }))
        .map(([units, scale]) => shiftDecimal(`${units}`, -scale)),
    );
    fc.assert(
      fc.property(decimals, fc.nat({ max: 20 }), (values, scale) => {
        expect(sumOf(scale, ...values)).toBe(
          values.reduce((sum, value) => addDecimals(sum, roundDecimal(value, scale)), '0'),
        );
      }),
    );
  });
});
