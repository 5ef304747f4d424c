import { describe, expect, it } from '@jest/globals';
import { roundUnits, toDecimalText } from './fixed-point.ts';

describe('fixed point', () => {
  it.each([
    [12_500n, 3, '12.5'],
    [-5n, 3, '-0.005'],
    [100_000n, 3, '100'],
    [0n, 3, '0'],
  ])('writes %d at scale %d as %s', (units, scale, text) => {
    expect(toDecimalText(units, scale)).toBe(text);
  });

  it.each([
    ['0.5', 5n, 0n],
    ['1.5', 15n, 20n],
    ['2.5', 25n, 20n],
    ['2.6', 26n, 30n],
    ['-0.5', -5n, 0n],
    ['-1.5', -15n, -20n],
    ['-2.6', -26n, -30n],
  ])('rounds %s half to even', (_text, tenths, rounded) => {
    const unit = 10n ** 24n;

    expect(roundUnits(tenths * unit, 0)).toBe(rounded * unit);
  });

  it('leaves a number alone that has no more digits', () => {
    expect(roundUnits(123n, 25)).toBe(123n);
  });
});
