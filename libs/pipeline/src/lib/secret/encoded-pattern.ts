/** A text that is shorter is looked for as a word of its own, because it may be part of an ordinary one. */
const MIN_ANYWHERE = 8;
/** Fewer characters of base64 would match by chance. */
const MIN_BASE64 = 5;
const BACKSLASHES = String.raw`\\{1,7}`;
const WHITESPACE = String.raw`(?:\s|\+|${BACKSLASHES}(?:[nrt]|u00(?:0[9ad]|20))|%(?:25){0,3}(?:0[9ad]|20)|&#(?:9|10|13|32);)*`;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};

/**
 * A regular expression, case-insensitive, for a text in the encodings in which a credential travels: as it is,
 * URL-encoded (once or more often), escaped in JSON or HTML, in hexadecimal, and in base64 of any alphabet, be it alone
 * or within what was encoded together with it, as the user name of `Basic` is.
 */
export function encodedPattern(text: string): string {
  const plain = escaped(text);
  const bytes = Buffer.from(text);
  const alternatives = [text.length < MIN_ANYWHERE ? `(?<![a-z0-9])${plain}(?![a-z0-9])` : plain];
  if (text.length >= MIN_ANYWHERE) alternatives.push(bytes.toString('hex'));
  for (const offset of [0, 1, 2]) {
    const core = base64Core(bytes, offset);
    if (core.length >= MIN_BASE64) alternatives.push(base64Pattern(core));
  }
  return alternatives.join('|');
}

/** The text with each character as it is or escaped in any way; its white space may differ or be absent. */
function escaped(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => [...word].map(escapedCharacter).join(''))
    .join(WHITESPACE);
}

function escapedCharacter(character: string): string {
  // Nothing escapes those.
  if (/[a-z0-9]/i.test(character)) return character;
  const code = character.codePointAt(0)!;
  const units = [...Array(character.length).keys()].map((index) => character.charCodeAt(index));
  const literal = character.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
  const alternatives = [
    // A URL makes a slash of a backslash.
    character === '\\' ? `${BACKSLASHES}|/` : `(?:${BACKSLASHES})?${literal}`,
    [...Buffer.from(character)].map((byte) => `%(?:25){0,3}${hex(byte, 2)}`).join(''),
    units.map((unit) => `${BACKSLASHES}u${hex(unit, 4)}`).join(''),
    `&#(?:${code}|x0*${hex(code, 1)});`,
  ];
  const entity = NAMED_ENTITIES[character];
  if (entity) alternatives.push(`&${entity};`);
  return `(?:${alternatives.join('|')})`;
}

/**
 * The part of a base64 text that the bytes alone decide, where `offset` bytes, and any number of triples, come before
 * them: a character holds six bits, and the first and last may share theirs with other bytes.
 */
function base64Core(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return encoded.slice(Math.ceil((8 * offset) / 6), Math.floor((8 * (offset + bytes.length)) / 6));
}

/** Both alphabets, the signs of which may be escaped in turn. */
function base64Pattern(core: string): string {
  return [...core]
    .map((character) => {
      if (character === '+') return `(?:-|${escapedCharacter('+')})`;
      if (character === '/') return `(?:_|${escapedCharacter('/')})`;
      return character;
    })
    .join('');
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
