import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDecimals,
  equalDecimals,
  isDecimalText,
  plainDecimal,
  roundDecimal,
  shiftDecimal,
  unscaledDecimal,
} from './decimal.ts';

describe('decimal', () => {
  it.each([
    ['0.125', 2, '0.12'],
    ['0.135', 2, '0.14'],
    ['-0.125', 2, '-0.12'],
    ['2.5', 0, '2'],
    ['3.5', 0, '4'],
    ['0.1250000000000000000000001', 2, '0.13'],
    ['1.10', 5, '1.1'],
    ['-0.001', 2, '0'],
    ['12.3004', 3, '12.3'],
    ['100.0004', 3, '100'],
    ['-100.0004', 3, '-100'],
    ['0.12499999999999999999', 2, '0.12'],
    ['0.995', 2, '1'],
    ['10.4', 0, '10'],
    ['-0.4', 0, '0'],
  ])('rounds %s half to even at %d digits to %s', (text, scale, rounded) => {
    expect(roundDecimal(text, scale)).toBe(rounded);
  });

  it('rounds to the nearest, and a half to the even digit, whatever the text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 12 }), (units, scale) => {
        const cut = 10n ** BigInt(12 - scale);
        const [quotient, rest] = [units / cut, units % cut];
        const twice = rest < 0n ? -rest * 2n : rest * 2n;
        const up = twice > cut || (twice === cut && quotient % 2n !== 0n);
        const nearest = quotient + (up ? (units < 0n ? -1n : 1n) : 0n);
        expect(roundDecimal(shiftDecimal(`${units}`, -12), scale)).toBe(shiftDecimal(`${nearest}`, -scale));
      }),
    );
  });

  it('adds without a binary float between', () => {
    expect(addDecimals('0.1', '0.2')).toBe('0.3');
    expect(addDecimals('99999999999999999999999999999999.9999999999', '0.0000000001')).toBe(
      '100000000000000000000000000000000',
    );
    expect(addDecimals('1', '-1')).toBe('0');
  });

  it('adds to the integer sum of the scaled numbers', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        expect(addDecimals(shiftDecimal(`${a}`, -25), shiftDecimal(`${b}`, -25))).toBe(
          shiftDecimal(`${a + b}`, -25),
        );
      }),
    );
  });

  it('shifts by powers of ten in both directions', () => {
    expect(shiftDecimal('123.45', -2)).toBe('1.2345');
    expect(shiftDecimal('-5', -9)).toBe('-0.000000005');
    expect(shiftDecimal('1.5', 3)).toBe('1500');
  });

  it('counts the units of the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat({ max: 38 }), fc.nat({ max: 5 }), (units, scale, more) => {
        expect(unscaledDecimal(shiftDecimal(`${units}`, -scale), scale + more)).toBe(
          units * 10n ** BigInt(more),
        );
      }),
    );
  });

  it('leaves a plain decimal that needs no rounding as it is', () => {
    const text = fc
      .tuple(fc.bigInt(), fc.nat({ max: 20 }))
      .map(([units, scale]) => shiftDecimal(`${units}`, -scale));
    fc.assert(
      fc.property(text, (decimal) => {
        expect(plainDecimal(decimal)).toBe(decimal);
        expect(roundDecimal(decimal, 20)).toBe(decimal);
        expect(roundDecimal(`${decimal}e0`, 20)).toBe(decimal);
      }),
    );
  });

  it('writes plain notation without exponent or padding', () => {
    expect(plainDecimal('1.5e-7')).toBe('0.00000015');
    expect(plainDecimal('12E3')).toBe('12000');
    expect(plainDecimal('1.0412500000000000000')).toBe('1.04125');
    expect(plainDecimal('-0.0')).toBe('0');
  });

  it('compares numbers, not their spelling', () => {
    expect(equalDecimals('1.50', '1.5')).toBe(true);
    expect(equalDecimals('1.5', '1.5000000000000000000000001')).toBe(false);
  });

  it.each(['0', '-1', '1.5', '.5', '1e-7', '1E+10', '0.0125430000000000000000001'])(
    'takes %s for a decimal',
    (text) => {
      expect(isDecimalText(text)).toBe(true);
      expect(() => plainDecimal(text)).not.toThrow();
    },
  );

  it.each(['', ' 1', '1,5', '+1', 'NaN', 'Infinity', '0x10', '1e', '--1', '1e9999'])(
    'does not take "%s" for a decimal',
    (text) => {
      expect(isDecimalText(text)).toBe(false);
    },
  );
});
