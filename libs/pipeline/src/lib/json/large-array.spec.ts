import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonValue } from './json-value.ts';
import { LargeArray } from './large-array.ts';
import { parseExactJson } from './parse-exact-json.ts';

/** Rows of some 70 characters, so that a thousand and more are large. */
const rowOf = (index: number): string =>
  `{"name":"row ${index} of [many], {with} \\"brackets\\"","amount":${index}.50,"tags":[1,{"a":[]}]}`;
const rowsOf = (count: number, first = 0): string =>
  Array.from({ length: count }, (_, index) => rowOf(first + index)).join();
const read = (text: string): JsonValue => new JsonValue('acme', parseExactJson(Buffer.from(text)));

/** The value with its large arrays read. */
function whole(value: unknown): unknown {
  if (value instanceof LargeArray) return [...value.slices()].flat();
  if (Array.isArray(value)) return value.map(whole);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, whole(field)]));
}

describe('a large array of a JSON text', () => {
  it('is read slice by slice, every element once and in order', () => {
    const page = read(
      `{"data":[{"rows":[${rowsOf(5_000)}]},{"rows":[${rowsOf(3, 5_000)}]}],"has_more":false}`,
    );

    const slices = page
      .get('data')
      .items()
      .flatMap((bucket) => [...bucket.get('rows').slices()]);

    expect(slices.length).toBeGreaterThan(4);
    expect(Math.max(...slices.map(({ length }) => length))).toBeLessThan(1_500);
    expect(slices.flat().map((row) => row.get('amount').decimalAsReceived())).toEqual(
      Array.from({ length: 5_003 }, (_, index) => `${index}.50`),
    );
  });

  it('knows the path of each element', () => {
    const rows = read(`{"rows":[${rowsOf(2_000)}]}`)
      .get('rows')
      .items();

    expect(() => rows[1_999]!.get('amount').text()).not.toThrow();
    expect(() => rows[1_999]!.get('amount').boolean()).toThrow('$.rows[1999].amount should be true or false');
  });

  it('is an array, and neither an object nor empty', () => {
    const rows = read(`[${rowsOf(2_000)}]`);

    expect(rows.isEmpty()).toBe(false);
    expect(() => rows.get('name')).toThrow('$ should be an object, found a large array');
  });

  it.each([
    ['a comma too many', (rows: string) => `${rows},`],
    ['a comma too many at the start', (rows: string) => `,${rows}`],
    ['a comma missing', (rows: string) => rows.replace('}]},{', '}]}{')],
    ['what is no JSON', (rows: string) => rows.replace('1500.50', 'NaN')],
    ['a broken key', (rows: string) => rows.replace(/"amount":1999.50/, '1999.50:1')],
  ])('fails on %s, saying where', (_kind, broken) => {
    const text = `{"rows":[${broken(rowsOf(2_000))}]}`;
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);

    expect(() => read(text).get('rows').items()).toThrow(
      expect.objectContaining({
        code: 'provider_response_invalid',
        message: expect.stringContaining('not JSON'),
      }),
    );
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, -1)],
    ['cut off in a row', (text: string) => text.slice(0, text.length / 2)],
    ['closed by the wrong bracket', (text: string) => `${text.slice(0, -2)}}]`],
    ['closed twice', (text: string) => `${text}}`],
    ['left open by a text', (text: string) => text.slice(0, text.lastIndexOf('"'))],
  ])('fails at once when the text is %s', (_kind, broken) => {
    const text = broken(`{"rows":[${rowsOf(2_000)}]}`);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);

    expect(() => parseExactJson(Buffer.from(text))).toThrow(SyntaxError);
  });

  it('holds what the engine would have parsed, wherever it lies', () => {
    const large = fc.integer({ min: 900, max: 3_000 }).map((count) => `[${rowsOf(count)}]`);
    const small = fc
      .jsonValue()
      .map((value) => JSON.stringify(value).replace(/-?\d+\.?\d*(e[+-]?\d+)?/g, '1'));
    const text = fc
      .tuple(large, small, large, small)
      .map(([a, b, c, d]) => `{"a":${a}, "b":[${b},[${c} , {"d":${d}}]], "e":"[[${'x'.repeat(70_000)}"}`);
    fc.assert(
      fc.property(text, (json) => {
        const expected = JSON.parse(json.replace(/"amount":(\d+\.50)/g, '"amount":"$1"')) as unknown;
        expect(whole(parseExactJson(Buffer.from(json)))).toEqual(expected);
      }),
      { numRuns: 5 },
    );
  });
});
