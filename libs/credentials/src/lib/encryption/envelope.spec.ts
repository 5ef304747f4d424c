import { generateKeySync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { open, seal } from './envelope.ts';

const newKey = () => generateKeySync('aes', { length: 256 });

const key = newKey();
const additionalData = Buffer.from('acme');
const plaintext = Buffer.from('sk-admin-abc');

describe('envelope', () => {
  it('opens what it sealed', () => {
    const sealed = seal(plaintext, key, additionalData);

    expect(open(sealed, key, additionalData)).toEqual(plaintext);
    expect(sealed.iv).toHaveLength(12);
    expect(sealed.tag).toHaveLength(16);
    expect(sealed.ciphertext.includes(plaintext)).toBe(false);
  });

  it('opens an empty plaintext', () => {
    expect(open(seal(Buffer.alloc(0), key, additionalData), key, additionalData)).toHaveLength(0);
  });

  it('never seals twice alike', () => {
    const first = seal(plaintext, key, additionalData);
    const second = seal(plaintext, key, additionalData);

    expect(second.iv).not.toEqual(first.iv);
    expect(second.ciphertext).not.toEqual(first.ciphertext);
  });

  it.each(['ciphertext', 'iv', 'tag'] as const)('does not open when any bit of the %s is flipped', (part) => {
    const sealed = seal(plaintext, key, additionalData);

    for (let bit = 0; bit < sealed[part].length * 8; bit++) {
      const altered = Buffer.from(sealed[part]);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => open({ ...sealed, [part]: altered }, key, additionalData)).toThrow();
    }
  });

  it('does not open with a shortened tag', () => {
    const sealed = seal(plaintext, key, additionalData);

    expect(() => open({ ...sealed, tag: sealed.tag.subarray(0, 12) }, key, additionalData)).toThrow();
  });

  it('does not open with another key or other additional data', () => {
    const sealed = seal(plaintext, key, additionalData);

    expect(() => open(sealed, newKey(), additionalData)).toThrow();
    expect(() => open(sealed, key, Buffer.from('other'))).toThrow();
  });
});
