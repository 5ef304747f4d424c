/** More than any page may have. */
export const HUGE_PAGE_BYTES = 200_000_000;

/** What a good page can turn into on its way, so that it is not JSON any more. */
export const CORRUPTIONS: readonly (readonly [string, (body: string) => string | Uint8Array])[] = [
  ['NaN in place of a number', (body) => body.replace(/(":\s*)-?\d[\d.eE+-]*/, '$1NaN')],
  ['a page that lacks its last bracket', (body) => body.trimEnd().slice(0, -1)],
  ['a page cut off in the middle', (body) => body.slice(0, body.length / 2)],
  ['a bare NUL', (body) => body.replace('":', '":\0')],
  ['bytes that are not UTF-8', (body) => Buffer.from(body.replace(/(":\s*")/, '$1\u00ff'), 'latin1')],
];

/** What may come under HTTP 200 in the place of a page. */
export const HOSTILE_BODIES: readonly (readonly [string, string])[] = [
  ['HTML under HTTP 200', '<html><body>Bad gateway</body></html>'],
  ['truncated JSON', '{"object":"page","data":[{"object":"buck'],
  ['an empty body', ''],
  ['null', 'null'],
  ['an array', '[]'],
  ['an object without the documented fields', '{"message":"moved"}'],
];
