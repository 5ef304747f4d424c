/** A text that is shorter is looked for as a word of its own, because it may be part of an ordinary one. */
const MIN_ANYWHERE = 8;
/** Fewer characters of base64 would match by chance. */
const MIN_BASE64 = 5;
const BACKSLASHES = String.raw`\\{1,7}`;
const WHITESPACE = String.raw`(?:\s|\+|${BACKSLASHES}(?:[nrt]|u00(?:0[9ad]|20))|%(?:25){0,3}(?:0[9ad]|20|2b)|&#(?:9|10|13|32);)*`;
/** Characters at least by which a text is known that was cut off. */
const MIN_BEGINNING = 4;
/** Characters by which a text is known whatever follows, or half of a shorter one. */
const LONG_BEGINNING = 16;
/** What is longer is taken for a token, and ends where the token does. */
const MAX_OPTIONAL = 48;
const TOKEN_CHARACTERS = String.raw`(?:[\w+/=~%-]|\.(?!\.))*`;
/** Where a text was cut, perhaps within an escape. */
const CUT = String.raw`(?:%[0-9a-f%]{0,12}|\\{1,7}u?[0-9a-f]{0,3}|&#?[0-9a-z]{0,6})?(?=…|\.{3}|\n|$)`;
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
 * or within what was encoded together with it, as the user name of `Basic` is. A text that was cut off is found by its
 * beginning.
 */
export function encodedPattern(text: string): string {
  const bytes = Buffer.from(text);
  const plain = escapedUnits(text);
  if (text.length < MIN_ANYWHERE) plain[0] = `(?<![a-z0-9])${plain[0]}`;
  const encodings = [
    plain,
    ...(text.length < MIN_ANYWHERE ? [] : [[...bytes.toString('hex')]]),
    ...[0, 1, 2].map((offset) => base64Units(bytes, offset)).filter((units) => units.length >= MIN_BASE64),
  ];
  const whole = encodings.map((units) => units.join(''));
  if (text.length < MIN_ANYWHERE) whole[0] += '(?![a-z0-9])';
  return [...whole, ...encodings.flatMap(beginnings)].join('|');
}

/**
 * Patterns for the beginning of what was cut off: a short one right before the cut, and a long one anywhere, since who
 * cuts may leave no mark.
 */
function beginnings(units: readonly string[]): string[] {
  const long = Math.max(MIN_ANYWHERE, Math.min(LONG_BEGINNING, Math.ceil(units.length / 2)));
  const short = `${upTo(units.slice(0, long), MIN_BEGINNING)}${CUT}`;
  if (units.length <= long) return [short];
  // Every unit that is optional takes time to compile.
  const rest = units.length > MAX_OPTIONAL ? TOKEN_CHARACTERS : '';
  return [`${upTo(rest ? units.slice(0, long) : units, long)}${rest}(?:${CUT})?`, short];
}

/** As many of the units as there are, but no fewer than `least`. */
function upTo(units: readonly string[], least: number): string {
  const optional = units.slice(least).reduceRight((rest, unit) => `(?:${unit}${rest})?`, '');
  return units.slice(0, least).join('') + optional;
}

/** The text with each character as it is or escaped in any way; its white space may differ or be absent. */
function escapedUnits(text: string): string[] {
  return (text.match(/\s+|\S/gu) ?? []).map((unit) =>
    /\s/.test(unit) ? WHITESPACE : escapedCharacter(unit),
  );
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
function base64Units(bytes: Buffer, offset: number): string[] {
  return [...base64Core(bytes, offset)].map((character) => {
    if (character === '+') return `(?:-|${escapedCharacter('+')})`;
    if (character === '/') return `(?:_|${escapedCharacter('/')})`;
    return character;
  });
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
