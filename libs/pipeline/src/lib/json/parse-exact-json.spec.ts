import { describe, expect, it } from '@jest/globals';
import { parseExactJson } from './parse-exact-json.ts';

describe('parseExactJson', () => {
  it('keeps every digit of a number that a binary float would round', () => {
    const parsed = parseExactJson('{"value":0.0125430000000000000000001,"big":12345678901234567890}');

    expect(parsed).toEqual({ value: '0.0125430000000000000000001', big: '12345678901234567890' });
  });

  it('keeps trailing zeros and exponents as they were written', () => {
    expect(parseExactJson('[1.50, 1E-7, -0.0]')).toEqual(['1.50', '1E-7', '-0.0']);
  });

  it('reads integers of up to 15 digits as numbers', () => {
    expect(parseExactJson('[0, -7, 999999999999999, 1000000000000000]')).toEqual([
      0,
      -7,
      999999999999999,
      '1000000000000000',
    ]);
  });

  it('leaves strings, booleans and null alone', () => {
    expect(parseExactJson('["1.50", true, null, {}]')).toEqual(['1.50', true, null, {}]);
  });

  it('throws on truncated JSON', () => {
    expect(() => parseExactJson('{"data":[')).toThrow(SyntaxError);
  });
});
