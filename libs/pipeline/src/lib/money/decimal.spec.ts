import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDecimalText } from './decimal-text.ts';
import {
  addDecimals,
  equalDecimals,
  integerDigits,
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

  it('writes every decimal text in one way', () => {
    const zeros = '0'.repeat(400);
    expect(
      [
        ['1E+2', '100'],
        ['+1', '1'],
        ['+1.5e+1', '15'],
        ['.5', '0.5'],
        ['-.5', '-0.5'],
        ['1.', '1'],
        ['-0', '0'],
        ['-0.0', '0'],
        ['+0', '0'],
        ['0e5', '0'],
        ['0e99999999999999999999', '0'],
        ['-0.00E-99999999999999999999', '0'],
        ['007', '7'],
        ['-000.0010', '-0.001'],
        ['1e0002', '100'],
        ['1.5e-0007', '0.00000015'],
        ['1e400', `1${zeros}`],
        ['-1e-401', `-0.${zeros}1`],
        [`0.${zeros}1e401`, '1'],
        [`1${zeros}e-400`, '1'],
        [`${zeros}12.50${zeros}`, '12.5'],
      ].filter(([text, number]) => plainDecimal(text!) !== number),
    ).toEqual([]);
  });

  it('keeps the exponent of a number that would take more than 1,000 zeros', () => {
    expect(plainDecimal('1e1000')).toBe(`1${'0'.repeat(1_000)}`);
    expect(plainDecimal('1e1001')).toBe('1e1001');
    expect(plainDecimal('-0.5e-999999999')).toBe('-5e-1000000000');
    expect(plainDecimal('1.50e99999999999999999999')).toBe('1.5e99999999999999999999');
    expect(plainDecimal(`1e-${'9'.repeat(400)}`)).toBe(`1e-${'9'.repeat(400)}`);
  });

  it('reads any spelling of a number as that number', () => {
    const zeros = fc.nat({ max: 30 }).map((count) => '0'.repeat(count));
    const spelling = fc.record({
      units: fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }),
      scale: fc.nat({ max: 80 }),
      exponent: fc.integer({ min: -400, max: 400 }),
      leading: zeros,
      trailing: zeros,
      plus: fc.boolean(),
      letter: fc.constantFrom('e', 'E'),
    });
    fc.assert(
      fc.property(spelling, ({ units, scale, exponent, leading, trailing, plus, letter }) => {
        const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
        const point = digits.length - scale;
        const sign = units < 0n ? '-' : plus ? '+' : '';
        const text =
          `${sign}${leading}${digits.slice(0, point)}.${digits.slice(point)}${trailing}` +
          `${letter}${exponent < 0 ? '-' : plus ? '+' : ''}${leading}${Math.abs(exponent)}`;

        const decimal = plainDecimal(text);

        expect(isDecimalText(text)).toBe(true);
        expect(decimal).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
        expect(decimal).not.toBe('-0');
        // Both counted in units of 10^-480.
        expect(unscaledDecimal(decimal, 480)).toBe(units * 10n ** BigInt(480 - scale + exponent));
        expect(equalDecimals(text, decimal)).toBe(true);
        expect(roundDecimal(text, 18)).toBe(roundDecimal(decimal, 18));
      }),
    );
  });

  it('rounds and measures what is too long to be written out', () => {
    expect(roundDecimal('9e-999999999', 18)).toBe('0');
    expect(roundDecimal(`-9e-${'9'.repeat(400)}`, 18)).toBe('0');
    expect(roundDecimal('1e999999999', 18)).toBe('1e999999999');
    expect(integerDigits('1e999999999')).toBe(1_000_000_000);
    expect(integerDigits('-1e-999999999')).toBe(0);
    expect(integerDigits('-0.5')).toBe(0);
    expect(integerDigits('12.5')).toBe(2);
    expect(integerDigits('0')).toBe(0);
    expect(shiftDecimal('1e999999999', -2)).toBe('1e999999997');
    expect(equalDecimals('1e999999999', '10e999999998')).toBe(true);
    expect(equalDecimals('1e999999999', '1e999999998')).toBe(false);
  });

  it('adds nothing that would have to be written out', () => {
    expect(addDecimals('1e1000', '-1e1000')).toBe('0');
    expect(() => addDecimals('1e999999999', '1')).toThrow('"1e999999999" has too many digits to be added.');
    expect(() => addDecimals('1', '1e-999999999')).toThrow(RangeError);
  });

  it.each([
    '0',
    '-1',
    '+1',
    '1.5',
    '.5',
    '1.',
    '1e-7',
    '1E+10',
    '1e9999',
    '007',
    '0.0125430000000000000000001',
  ])('takes %s for a decimal', (text) => {
    expect(isDecimalText(text)).toBe(true);
    expect(() => plainDecimal(text)).not.toThrow();
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '1\n',
    '1,5',
    '1_000',
    '1.5.5',
    'NaN',
    'Infinity',
    '0x10',
    '1e',
    'e5',
    '1e+',
    '1e1.5',
    '--1',
    '+-1',
    '+',
    '.',
    '-.',
    '.e5',
    '١',
  ])('does not take "%s" for a decimal', (text) => {
    expect(isDecimalText(text)).toBe(false);
    expect(() => plainDecimal(text)).toThrow(TypeError);
  });

  it('takes no longer than a long text is long', () => {
    const digits = '9'.repeat(3_000_000);
    const started = performance.now();

    expect(roundDecimal(`${digits}.5050`, 2)).toBe(`${digits}.5`);
    expect(roundDecimal(`${digits}.995`, 2)).toBe('1e3000000');
    expect(integerDigits(`+${digits}`)).toBe(3_000_000);
    expect(roundDecimal(`1e-${digits}`, 2)).toBe('0');
    expect(integerDigits(`1e${digits}`)).toBe(Infinity);
    expect(plainDecimal(`0e${digits}`)).toBe('0');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('takes an exponent of more than 1,000 digits for the largest that has no more', () => {
    expect(plainDecimal(`1e${'1'.repeat(1_000)}`)).toBe(`1e${'1'.repeat(1_000)}`);
    expect(plainDecimal(`1e-${'1'.repeat(1_001)}`)).toBe(`1e-${'9'.repeat(1_000)}`);
    expect(plainDecimal(`1e${'0'.repeat(1_001)}2`)).toBe('100');
  });

  it('does not take long to see that a long text is no number', () => {
    const started = performance.now();

    expect(isDecimalText(`${'1'.repeat(1_000_000)}x`)).toBe(false);
    expect(isDecimalText(`1.${'0'.repeat(1_000_000)}x`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
