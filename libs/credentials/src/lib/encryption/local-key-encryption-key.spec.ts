import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { LocalKeyEncryptionKey } from './local-key-encryption-key.ts';

const additionalData = Buffer.from('acme');
const dataKey = randomBytes(32);

describe('LocalKeyEncryptionKey', () => {
  it('unwraps what it wrapped', async () => {
    const key = new LocalKeyEncryptionKey(randomBytes(32));

    const wrapped = await key.wrap(dataKey, additionalData);

    expect(wrapped).toHaveLength(60);
    expect(await key.unwrap(wrapped, additionalData)).toEqual(dataKey);
  });

  it.each([
    ['for other additional data', (wrapped: Buffer) => wrapped, Buffer.from('other')],
    ['when shortened', (wrapped: Buffer) => wrapped.subarray(0, -1), additionalData],
    ['when empty', () => Buffer.alloc(0), additionalData],
  ])('does not unwrap %s', async (_what, alter, data) => {
    const key = new LocalKeyEncryptionKey(randomBytes(32));
    const wrapped = alter(await key.wrap(dataKey, additionalData));

    await expect(key.unwrap(wrapped, data)).rejects.toThrow();
  });

  it('does not unwrap what another key wrapped', async () => {
    const wrapped = await new LocalKeyEncryptionKey(randomBytes(32)).wrap(dataKey, additionalData);

    await expect(
      new LocalKeyEncryptionKey(randomBytes(32)).unwrap(wrapped, additionalData),
    ).rejects.toThrow();
  });

  it('has a uri that names the key and does not show it', () => {
    const bytes = Buffer.alloc(32, 7);
    const key = new LocalKeyEncryptionKey(bytes);

    expect(key.uri).toBe('local:ee353224');
    expect(inspect(key, { depth: 5, showHidden: true })).not.toContain('07 07');
  });

  it.each([0, 16, 31, 33])('refuses a key of %d bytes', (length) => {
    expect(() => new LocalKeyEncryptionKey(Buffer.alloc(length))).toThrow(
      `The key-encryption key has ${length} bytes; it must have 32.`,
    );
  });
});
