import { closingQuote, QUOTE } from './json-bytes.ts';

/** Bytes past which an array counts as large, and about which its slices have. */
const SLICE_LENGTH = 65_536;

const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** An object or array whose end is not reached yet. */
interface Open {
  readonly isArray: boolean;
  /** Index of the bracket, and of commas between elements some {@link SLICE_LENGTH} apart. */
  readonly bounds: number[];
  holdsLargeArray: boolean;
}

/**
 * Finds the large arrays of a JSON text that hold no other large array, in order: for each the indexes of its brackets
 * with those of some commas between. Of a text whose brackets do not match, which is no JSON, none.
 */
export function findLargeArrays(json: Uint8Array): readonly (readonly number[])[] {
  const { length } = json;
  if (length <= SLICE_LENGTH) return [];
  const found: number[][] = [];
  const open: Open[] = [];
  for (let at = 0; at < length; at++) {
    const code = json[at];
    switch (code) {
      case QUOTE:
        at = closingQuote(json, at, length);
        break;
      case COMMA: {
        const innermost = open.at(-1);
        if (innermost?.isArray && at - innermost.bounds.at(-1)! > SLICE_LENGTH) innermost.bounds.push(at);
        break;
      }
      case OPENING_BRACKET:
      case OPENING_BRACE:
        open.push({ isArray: code === OPENING_BRACKET, bounds: [at], holdsLargeArray: false });
        break;
      case CLOSING_BRACKET:
      case CLOSING_BRACE: {
        const closed = open.pop();
        if (!closed || closed.isArray !== (code === CLOSING_BRACKET)) return [];
        const isLarge = closed.isArray && !closed.holdsLargeArray && closed.bounds.length > 1;
        if (isLarge) found.push([...closed.bounds, at]);
        const parent = open.at(-1);
        if (parent && (isLarge || closed.holdsLargeArray)) parent.holdsLargeArray = true;
      }
    }
  }
  return open.length === 0 ? found : [];
}
