import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
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

  it('leaves what looks like a number inside a string alone', () => {
    const text = String.raw`{"at 1.50":"\" 1.50","\\":"-2.5e3","a":[1.50,"\\",2.50]}`;

    expect(parseExactJson(text)).toEqual({
      'at 1.50': '" 1.50',
      '\\': '-2.5e3',
      a: ['1.50', '\\', '2.50'],
    });
  });

  it('reads any JSON as the engine does, but for inexact numbers', () => {
    const asText = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
        typeof part === 'number' && !/^-?\d{1,15}$/.test(JSON.stringify(part)) ? JSON.stringify(part) : part,
      );
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(parseExactJson(JSON.stringify(value, null, indent))).toEqual(asText(value));
      }),
    );
  });

  it.each([
    ['01.5'],
    ['1.'],
    ['.5'],
    ['+1.5'],
    ['1.5.5'],
    ['1.5-2'],
    ['1e'],
    ['-'],
    ['--1.5'],
    ['[1.5 2.5]'],
    ['{1.5:2}'],
    ['{1.5 :2}'],
    ['{12345678901234567890:2}'],
    ['{"a":"b"1.5}'],
    ['0123456789012345678'],
    ['NaN'],
    ['Infinity'],
    ['[1.5,NaN]'],
    ['0x1.5'],
    ['"open'],
    ['"open\\'],
    ['[1.5'],
  ])('throws on %s', (text) => {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });

  it('throws on truncated JSON', () => {
    expect(() => parseExactJson('{"data":[')).toThrow(SyntaxError);
  });
});
