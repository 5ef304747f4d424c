import { isUtf8 } from 'node:buffer';
import { findLargeArrays } from './find-large-arrays.ts';
import { LargeArray } from './large-array.ts';
import { quoteInexactNumbers } from './quote-inexact-numbers.ts';

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * Parses JSON without rounding numbers: an integer of up to 15 digits becomes a `number`, every other number
 * becomes its source text (`"0.10"`, `"12345678901234567890"`), so that no digit passes through a binary float.
 *
 * An array of more than some 64 KB that holds no other one becomes a {@link LargeArray}: the rows of a page are read
 * slice by slice, and the page is never made a text as a whole.
 * @param bytes UTF-8. A byte that is none is not replaced, as a lenient decoder would: it may belong to a name or a key.
 * @throws SyntaxError when that is not JSON; what lies in a large array is checked when it is read.
 */
export function parseExactJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new SyntaxError('The bytes are not UTF-8.');
  const hasMark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const json = hasMark ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
  const large = findLargeArrays(json);
  if (large.length === 0) return JSON.parse(quoteInexactNumbers(json));
  const parts: string[] = [];
  let copied = 0;
  for (const [index, bounds] of large.entries()) {
    // A number with a fraction: of the JSON's own ones none is left once they are quoted.
    parts.push(quoteInexactNumbers(json, copied, bounds[0]), `${index}.5`);
    copied = bounds.at(-1)! + 1;
  }
  parts.push(quoteInexactNumbers(json, copied));
  return JSON.parse(parts.join(''), (_key, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value)
      ? new LargeArray(json, large[Math.floor(value)]!)
      : value,
  );
}
