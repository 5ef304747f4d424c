/** The code of `"`. */
export const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The index of the quote that closes the string which begins at `opening`, or the text's length when none does. */
export function closingQuote(text: string, opening: number): number {
  const { length } = text;
  for (let at = opening + 1; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return length;
}
