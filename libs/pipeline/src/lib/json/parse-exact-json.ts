import { findLargeArrays } from './find-large-arrays.ts';
import { LargeArray } from './large-array.ts';
import { quoteInexactNumbers } from './quote-inexact-numbers.ts';

/**
 * Parses JSON without rounding numbers: an integer of up to 15 digits becomes a `number`, every other number
 * becomes its source text (`"0.10"`, `"12345678901234567890"`), so that no digit passes through a binary float.
 *
 * An array of more than some 64 KB that holds no other one becomes a {@link LargeArray}: the rows of a page are read
 * slice by slice.
 * @throws SyntaxError when the text is not JSON; what lies in a large array is checked when it is read.
 */
export function parseExactJson(text: string): unknown {
  const large = findLargeArrays(text);
  if (large.length === 0) return JSON.parse(quoteInexactNumbers(text));
  const parts: string[] = [];
  let copied = 0;
  for (const [index, bounds] of large.entries()) {
    // A number with a fraction: of the text's own ones none is left once they are quoted.
    parts.push(quoteInexactNumbers(text.slice(copied, bounds[0])), `${index}.5`);
    copied = bounds.at(-1)! + 1;
  }
  parts.push(quoteInexactNumbers(text.slice(copied)));
  return JSON.parse(parts.join(''), (_key, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value)
      ? new LargeArray(text, large[Math.floor(value)]!)
      : value,
  );
}
