/**
 * The code of `"`. Bytes of JSON are read as they came: its own characters are ASCII, which UTF-8 keeps apart from all
 * others.
 */
export const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The index of the quote that closes the string which begins at `opening`, or the end when none does. */
export function closingQuote(bytes: Uint8Array, opening: number, end: number): number {
  for (let at = opening + 1; at < end; at++) {
    const code = bytes[at];
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return end;
}
