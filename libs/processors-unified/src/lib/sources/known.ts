/** The text, but null where it is empty or blank. */
export function known(text: string): string {
  return `NULLIF(TRIM(${text}), '')`;
}
