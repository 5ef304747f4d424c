/** A number that `JSON.stringify` writes with exactly these digits. TypeScript's library lacks `JSON.rawJSON` so far. */
export const rawNumber = (JSON as unknown as { rawJSON(text: string): object }).rawJSON;
