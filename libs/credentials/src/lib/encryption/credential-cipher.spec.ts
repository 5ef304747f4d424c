import { randomBytes } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { CredentialCipher } from './credential-cipher.ts';
import { LocalKeyEncryptionKey } from './local-key-encryption-key.ts';

const identity = { org: 'acme', provider: 'openai', name: 'default', version: 1 };
const plaintext = Buffer.from('{"api_key":"sk-admin-abc"}');

describe('CredentialCipher', () => {
  const key = new LocalKeyEncryptionKey(randomBytes(32));
  const cipher = new CredentialCipher(key);

  it('decrypts what it encrypted', async () => {
    const sealed = await cipher.encrypt(plaintext, identity);

    expect(await cipher.decrypt(sealed, identity)).toEqual(plaintext);
    expect(sealed.kekUri).toBe(key.uri);
  });

  it.each([
    ['organization', { org: 'other' }],
    ['provider', { provider: 'gcp' }],
    ['name', { name: 'second' }],
    ['version', { version: 2 }],
    ['boundary between its parts', { org: 'acmeo', provider: 'penai' }],
  ])('does not decrypt for another %s', async (_what, other) => {
    const sealed = await cipher.encrypt(plaintext, identity);

    await expect(cipher.decrypt(sealed, { ...identity, ...other })).rejects.toThrow();
  });

  it('does not decrypt when parts of two credentials are mixed', async () => {
    const first = await cipher.encrypt(plaintext, identity);
    const second = await cipher.encrypt(plaintext, identity);

    await expect(cipher.decrypt({ ...first, wrappedKey: second.wrappedKey }, identity)).rejects.toThrow();
  });

  it('wipes the data key after use', async () => {
    const wrap = jest.spyOn(key, 'wrap');
    const unwrap = jest.spyOn(key, 'unwrap');

    await cipher.decrypt(await cipher.encrypt(plaintext, identity), identity);

    expect(wrap.mock.calls[0]![0]).toEqual(Buffer.alloc(32));
    expect(await unwrap.mock.results[0]!.value).toEqual(Buffer.alloc(32));
  });
});
