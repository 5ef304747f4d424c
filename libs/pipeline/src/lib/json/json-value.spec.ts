import { describe, expect, it } from '@jest/globals';
import { JsonValue } from './json-value.ts';
import { parseExactJson } from './parse-exact-json.ts';

describe('JsonValue', () => {
  const read = (json: string) => new JsonValue('acme', parseExactJson(Buffer.from(json)));

  it('reads nested fields of each kind', () => {
    const value = read('{"rows":[{"name":"a","free":false,"count":"9007199254740993","cost":2.50}]}');

    const [row] = value.get('rows').items();

    expect(row!.get('name').text()).toBe('a');
    expect(row!.get('free').boolean()).toBe(false);
    expect(row!.get('count').integer()).toBe(9007199254740993n);
    expect(row!.get('cost').decimal()).toBe('2.5');
    expect(row!.get('cost').decimalAsReceived()).toBe('2.50');
  });

  it.each([
    ['100', 100n],
    ['1E+2', 100n],
    ['"1e2"', 100n],
    ['1.0', 1n],
    ['-0', 0n],
    ['-0.0', 0n],
    ['0e5', 0n],
    ['0e99999', 0n],
    ['"+7"', 7n],
    ['"007"', 7n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['9.223372036854775807e18', 2n ** 63n - 1n],
    ['92233720368547758070e-1', 2n ** 63n - 1n],
  ])('reads %s as the integer %d', (json, integer) => {
    expect(read(json).integer()).toBe(integer);
  });

  it.each([
    ['1E+2', '100', '1E+2'],
    ['-0', '0', '-0'],
    ['-0.0', '0', '-0.0'],
    ['0e5', '0', '0e5'],
    ['1e0003', '1000', '1e0003'],
    ['"+1"', '1', '+1'],
    ['".5"', '0.5', '.5'],
    ['"1."', '1', '1.'],
    ['"007.10"', '7.1', '007.10'],
    ['1e400', `1${'0'.repeat(400)}`, '1e400'],
    ['-1e-999999999', '-1e-999999999', '-1e-999999999'],
    ['9'.repeat(400), '9'.repeat(400), '9'.repeat(400)],
    [`0.${'0'.repeat(400)}10`, `0.${'0'.repeat(400)}1`, `0.${'0'.repeat(400)}10`],
  ])('reads the decimal %s exactly', (json, decimal, received) => {
    expect(read(json).decimal()).toBe(decimal);
    expect(read(json).decimalAsReceived()).toBe(received);
  });

  it('reads an absent and a null field as null where that is allowed', () => {
    const value = read('{"a":null}');

    expect(value.get('a').optional((field) => field.text())).toBeNull();
    expect(value.get('b').optional((field) => field.text())).toBeNull();
  });

  it('reads an absent and a null field as a default, and names its path when that does not fit either', () => {
    const value = read('{"a":null,"c":7}');

    expect(value.get('a').orDefault([]).items()).toEqual([]);
    expect(value.get('b').orDefault(0).integer()).toBe(0n);
    expect(value.get('c').orDefault(0).integer()).toBe(7n);
    expect(() => value.get('b').orDefault({}).get('d').text()).toThrow('$.b.d should be a string');
  });

  it('does not see properties that every object inherits', () => {
    expect(read('{}').get('constructor').isNull()).toBe(true);
  });

  it.each([
    ['{}', true],
    ['{"a":null}', false],
    ['[]', true],
    ['[null]', false],
    ['null', false],
  ])('says of %s whether it is an object or an array of nothing: %s', (json, empty) => {
    expect(read(json).isEmpty()).toBe(empty);
  });

  it('reads a field that may be absent or null as a text or null', () => {
    const value = read('{"a":"x","b":null,"c":"","__proto__":"own"}');

    expect(['a', 'b', 'c', 'd', '__proto__', 'constructor'].map((name) => value.optionalText(name))).toEqual([
      'x',
      null,
      '',
      null,
      'own',
      null,
    ]);
  });

  it('names the path and the kind of a wrong value, and never the value', () => {
    const cost = read('{"data":[{"results":[{"amount":"top secret"}]}]}')
      .get('data')
      .items()[0]!
      .get('results')
      .items()[0]!
      .get('amount');

    expect(() => cost.decimal()).toThrow(
      expect.objectContaining({
        code: 'provider_response_invalid',
        message:
          'acme answered with a shape that is not documented: $.data[0].results[0].amount should be a decimal number, found a string of 10 characters.',
        facts: { provider: 'acme', json_path: '$.data[0].results[0].amount' },
      }),
    );
  });

  it.each([
    ['null', (value: JsonValue) => value.get('data'), 'an object, found null'],
    ['[]', (value: JsonValue) => value.get('data'), 'an object, found an array of 0'],
    ['{}', (value: JsonValue) => value.items(), 'an array, found an object'],
    ['{}', (value: JsonValue) => value.get('a').text(), 'a string, found nothing'],
    ['1', (value: JsonValue) => value.text(), 'a string, found a number'],
    ['{"a":1}', (value: JsonValue) => value.optionalText('a'), '$.a should be a string, found a number'],
    ['[]', (value: JsonValue) => value.optionalText('a'), '$ should be an object, found an array of 0'],
    ['"true"', (value: JsonValue) => value.boolean(), 'true or false, found a string of 4 characters'],
    ['1.5', (value: JsonValue) => value.integer(), 'a 64-bit integer, found the number 1.5'],
    ['"1.5"', (value: JsonValue) => value.integer(), 'a 64-bit integer, found the number 1.5'],
    [
      '9223372036854775808',
      (value: JsonValue) => value.integer(),
      'a 64-bit integer, found the number 9223372036854775808',
    ],
    ['1e-1', (value: JsonValue) => value.integer(), 'a 64-bit integer, found the number 1e-1'],
    ['1e19', (value: JsonValue) => value.integer(), 'a 64-bit integer, found the number 1e19'],
    ['1e999999999', (value: JsonValue) => value.integer(), 'a 64-bit integer, found the number 1e999999999'],
    [
      `-${'9'.repeat(400)}`,
      (value: JsonValue) => value.integer(),
      `a 64-bit integer, found the number -${'9'.repeat(38)}…`,
    ],
    ['"secret"', (value: JsonValue) => value.integer(), 'a 64-bit integer, found a string of 6 characters'],
    ['[5]', (value: JsonValue) => value.integer(), 'a 64-bit integer, found an array of 1'],
    ['[5]', (value: JsonValue) => value.decimal(), 'a decimal number, found an array of 1'],
    ['"NaN"', (value: JsonValue) => value.decimal(), 'a decimal number'],
    ['""', (value: JsonValue) => value.decimal(), 'a decimal number'],
  ])('refuses %s where something else is documented', (json, reader, message) => {
    expect(() => reader(read(json))).toThrow(message);
  });
});
