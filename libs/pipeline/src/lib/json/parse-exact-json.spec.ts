import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseExactJson } from './parse-exact-json.ts';

const parse = (json: string): unknown => parseExactJson(Buffer.from(json));

describe('parseExactJson', () => {
  it('keeps every digit of a number that a binary float would round', () => {
    const parsed = parse('{"value":0.0125430000000000000000001,"big":12345678901234567890}');

    expect(parsed).toEqual({ value: '0.0125430000000000000000001', big: '12345678901234567890' });
  });

  it('keeps trailing zeros and exponents as they were written', () => {
    expect(parse('[1.50, 1E-7, -0.0, -0, 0e5, 1E+2, 1e400, 1e-999999999]')).toEqual([
      '1.50',
      '1E-7',
      '-0.0',
      '-0',
      '0e5',
      '1E+2',
      '1e400',
      '1e-999999999',
    ]);
  });

  it('reads integers of up to 15 digits as numbers', () => {
    expect(parse('[0, -7, 999999999999999, 1000000000000000]')).toEqual([
      0,
      -7,
      999999999999999,
      '1000000000000000',
    ]);
  });

  it('leaves strings, booleans and null alone', () => {
    expect(parse('["1.50", true, null, {}]')).toEqual(['1.50', true, null, {}]);
  });

  it('leaves what looks like a number inside a string alone', () => {
    const text = String.raw`{"at 1.50":"\" 1.50","\\":"-2.5e3","a":[1.50,"\\",2.50]}`;

    expect(parse(text)).toEqual({
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
        expect(parse(JSON.stringify(value, null, indent))).toEqual(asText(value));
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
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  it('skips a byte order mark', () => {
    expect(parse('\ufeff{"a":1.50}')).toEqual({ a: '1.50' });
  });

  it('throws on bytes that are not UTF-8', () => {
    expect(() => parseExactJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(SyntaxError);
  });

  it('has room for as many numbers as fit', () => {
    const fields = (value: string) => Array.from({ length: 20_000 }, (_, index) => `"${index}":${value}`);

    expect(parse(`{${fields('1e1').join()}}`)).toEqual(JSON.parse(`{${fields('"1e1"').join()}}`));
    const zeros = `[${'-0,'.repeat(20_000)}1]`;
    const read = [...Array<string>(20_000).fill('-0'), 1];
    expect(parse(`{"a":${zeros},"b":${zeros},"c":${zeros}}`)).toEqual({ a: read, b: read, c: read });
  });

  it('throws on truncated JSON', () => {
    expect(() => parse('{"data":[')).toThrow(SyntaxError);
  });
});
