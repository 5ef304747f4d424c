import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Disclosed } from './disclosed.decorator.ts';
import { Secret } from './secret.ts';

class Account {
  @Disclosed()
  project: string;
  key: string;
}

class NamedAccount extends Account {
  @Disclosed()
  table: string;
}

const accountOf = <T extends object>(type: new () => T, fields: T): T => Object.assign(new type(), fields);

describe('Secret', () => {
  const secret = new Secret({ api_key: 'sk-admin-1234' });

  it('reveals its value on request only', () => {
    expect(secret.reveal()).toEqual({ api_key: 'sk-admin-1234' });
  });

  it('prints as [redacted] in every way of printing', () => {
    const printed = [String(secret), JSON.stringify({ secret }), inspect({ secret }), `${secret}`].join(' ');

    expect(printed).not.toContain('1234');
    expect(printed.match(/\[redacted\]/g)).toHaveLength(4);
  });
});

describe('what a secret redacts', () => {
  const key = 'k7/Qx+zz "deep"\\ valüe & more';
  const secret = new Secret({ auth: { keys: [key] } });
  const json = JSON.stringify(key).slice(1, -1);

  it.each([
    ['as it is', key],
    ['in capitals, as in a host name', key.toUpperCase()],
    ['URL-encoded', encodeURIComponent(key)],
    ['URL-encoded as a form', new URLSearchParams({ k: key }).toString().slice(2)],
    [
      'URL-encoded as a form and again',
      encodeURIComponent(new URLSearchParams({ k: key }).toString().slice(2)),
    ],
    ['URL-encoded in lower case', encodeURIComponent(key).replace(/%../g, (code) => code.toLowerCase())],
    ['URL-encoded twice', encodeURIComponent(encodeURIComponent(key))],
    ['in a path', new URL(`http://host/${key}`).pathname.slice(1)],
    ['in JSON', json],
    ['in JSON within JSON', JSON.stringify(json).slice(1, -1)],
    ['in JSON of ASCII', json.replace('ü', '\\u00fc').replaceAll('/', '\\/')],
    ['in HTML', key.replace('&', '&amp;').replaceAll('"', '&quot;')],
    ['in HTML with numbers', key.replace('&', '&#38;').replaceAll('"', '&#x22;')],
    ['in hexadecimal', Buffer.from(key).toString('hex')],
    ['in base64', Buffer.from(key).toString('base64').replace(/=+$/, '')],
    ['in base64 of the URL alphabet', Buffer.from(key).toString('base64url')],
    ['in base64, URL-encoded', encodeURIComponent(Buffer.from(key).toString('base64').replace(/=+$/, ''))],
  ])('finds it %s', (_how, encoded) => {
    const shown = secret.redact(`bad key <${encoded}>, denied`);

    // The last character of base64 may hold less than a whole byte of it.
    expect(shown).toMatch(/^bad key <\[redacted\][A-Za-z0-9+/_-]?>, denied$/);
  });

  it.each([1, 2, 3, 4, 5])('finds it in base64 after %d other bytes', (others) => {
    const encoded = Buffer.from(`${'u'.repeat(others)}${key}:`).toString('base64');

    const shown = secret.redact(`Basic ${encoded}.`);

    const left = shown.replace('[redacted]', '').replace('Basic ', '');
    expect(shown).toContain('[redacted]');
    expect(Buffer.from(left, 'base64').length).toBeLessThanOrEqual(others + 4);
  });

  it.each([
    ['as it is', key],
    ['URL-encoded', encodeURIComponent(key)],
    ['URL-encoded twice', encodeURIComponent(encodeURIComponent(key))],
    ['in JSON', json],
    ['in base64', Buffer.from(key).toString('base64')],
    ['in hexadecimal', Buffer.from(key).toString('hex')],
  ])('finds what is left when it was cut off, %s', (_how, encoded) => {
    for (let length = 16; length < encoded.length; length++) {
      for (const mark of ['…', '...', '']) {
        expect(secret.redact(`bad key ${encoded.slice(0, length)}${mark}`)).toBe(`bad key [redacted]${mark}`);
      }
      // A stack begins with the message.
      const stack = secret.redact(`bad key ${encoded.slice(0, length)}\n    at here`);
      expect(stack).toMatch(/^bad key \[redacted\]\s*at here$/);
    }
  });

  it('finds the longer half of a text that was cut off without a mark', () => {
    const half = new Secret({ key: 'quite-a-long-key-of-one-word' });

    expect(half.redact('it begins with "quite-a-long-k" it says')).toBe(
      'it begins with "[redacted]" it says',
    );
    expect(half.redact('quite-a-b')).toBe('quite-a-b');
  });

  it('finds the rest of a very long token', () => {
    const token = `${'a1B2'.repeat(100)}`;

    expect(new Secret({ token }).redact(`<${token.slice(0, 300)}>`)).toBe('<[redacted]>');
  });

  it('finds a key of several lines, without its line breaks, and each line of it', () => {
    const lines = [
      '-----BEGIN KEY-----',
      'MIIEvgIBADANBgkqhkiG',
      'Qm9yaW5nIGxpbmUgdHdv',
      '-----END KEY-----',
    ];
    const pem = new Secret({ private_key: `${lines.join('\n')}\n` });

    for (const text of [lines.join('\n'), lines.join('\r\n'), lines.join('\\n'), lines.join('')]) {
      expect(pem.redact(`<${text}>`)).toBe('<[redacted]>');
    }
    expect(pem.redact(`<${lines[2]}>`)).toBe('<[redacted]>');
  });

  it('finds numbers, and what a JSON text holds', () => {
    const nested = new Secret({ pin: 123456789, file: '{"client":{"token":"t0ken-of-client"}}' });

    expect(nested.redact('123456789 t0ken-of-client')).toBe('[redacted] [redacted]');
  });

  it('finds what was made of it', () => {
    const exchanged = new Secret({ key: 'the-long-lived-key' });
    expect(exchanged.redact('token short-lived')).toBe('token short-lived');

    exchanged.conceal('short-lived');

    expect(exchanged.redact('token short-lived, the-long-lived-key')).toBe('token [redacted], [redacted]');
  });

  it('finds what looks like a credential', () => {
    expect(secret.redact('not yours: sk-ant-admin01-else')).toBe('not yours: [redacted]');
  });

  it('shows what its class discloses, inherited fields too, and nothing else', () => {
    const named = new Secret(
      accountOf(NamedAccount, { project: 'acme-billing', table: 'costs.daily', key: 'confidential' }),
    );

    expect(named.redact('acme-billing costs.daily confidential')).toBe('acme-billing costs.daily [redacted]');
    expect(new Secret({ project: 'acme-billing' }).redact('acme-billing')).toBe('[redacted]');
  });

  it('looks for a short text as a word of its own, and for one of three characters not at all', () => {
    const short = new Secret({ password: 'true', region: 'eu', flag: true });

    expect(short.redact('untrue: eu is neutral, pass=true&x')).toBe(
      'untrue: eu is neutral, pass=[redacted]&x',
    );
  });

  it('redacts nothing when it holds nothing', () => {
    expect(new Secret({}).redact('all is well')).toBe('all is well');
  });

  it('is ready within moments for the key of a service account', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = new Secret({ private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) });
    const started = performance.now();

    pem.redact('Invalid JWT signature.');

    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('takes no long time over a long text that almost matches', () => {
    const slow = new Secret({ key: `%${'\\'.repeat(20)} \n ${'a%'.repeat(20)}` });
    const texts = [
      '%25'.repeat(20_000),
      '\\'.repeat(60_000),
      '+%20\\n '.repeat(10_000),
      'a%25'.repeat(15_000),
    ];
    const started = performance.now();

    for (const text of texts) slow.redact(text);

    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
