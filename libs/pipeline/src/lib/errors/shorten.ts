const SHOWN_CHARACTERS = 40;

/** A value of unknown length for a message: as it is, or cut at 40 characters. */
export function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}
