const SAFE_INTEGER = /^-?\d{1,15}$/;

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

// TypeScript's library does not describe the third reviver argument of ES "JSON.parse source text access" yet.
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/**
 * Parses JSON without rounding numbers: an integer of up to 15 digits becomes a `number`, every other number
 * becomes its source text (`"0.10"`, `"12345678901234567890"`), so that no digit passes through a binary float.
 *
 * @throws SyntaxError when the text is not JSON.
 */
export function parseExactJson(text: string): unknown {
  return parseWithSource(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !SAFE_INTEGER.test(source) ? source : value,
  );
}
