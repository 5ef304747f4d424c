import { isDisclosed } from './disclosed.decorator.ts';

/** What is shorter protects nothing, and is part of ordinary words. */
const MIN_CHARACTERS = 4;
/** A line of a key that travels without the others. */
const MIN_LINE_CHARACTERS = 8;
const PEM_BOUNDARY = /^-----/;

/**
 * The texts of a secret that nobody may see: every text and number in it, nested ones and those inside a JSON text
 * included, and the lines of a text of several. Fields marked as `@Disclosed()` are left out.
 */
export function confidentialTexts(value: unknown): Set<string> {
  const texts = new Set<string>();
  collect(value, texts);
  return texts;
}

function collect(value: unknown, texts: Set<string>): void {
  if (typeof value === 'string') addText(value, texts);
  else if (typeof value === 'number' || typeof value === 'bigint') addText(String(value), texts);
  else if (typeof value === 'object' && value !== null) {
    for (const [field, inner] of Object.entries(value)) {
      if (!isDisclosed(value, field)) collect(inner, texts);
    }
  }
}

function addText(value: string, texts: Set<string>): void {
  const text = value.trim();
  if (text.length < MIN_CHARACTERS) return;
  texts.add(text);
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  if (lines.length > 1) {
    for (const line of lines) {
      if (line.length >= MIN_LINE_CHARACTERS && !PEM_BOUNDARY.test(line)) texts.add(line);
    }
  }
  if (/^[[{]/.test(text)) collect(parsed(text), texts);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
