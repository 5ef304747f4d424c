import { describe, expect, it } from '@jest/globals';
import { generateApiKey, hashApiKey, prefixOfApiKey } from './api-key.format.ts';

describe('API keys', () => {
  it('are found by their prefix and recognised by their hash', () => {
    const { key, prefix, hash } = generateApiKey();

    expect(key).toMatch(/^pk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    expect(prefixOfApiKey(key)).toBe(prefix);
    expect(hashApiKey(key)).toEqual(hash);
  });

  it('never repeat', () => {
    const keys = Array.from({ length: 100 }, () => generateApiKey().key);

    expect(new Set(keys).size).toBe(100);
  });

  it.each(['', 'pk_', 'pk_0123abcd_short', 'sk-admin-x', `pk_0123ABCD_${'a'.repeat(43)}`])(
    'does not take %j for a key',
    (text) => {
      expect(prefixOfApiKey(text)).toBeUndefined();
    },
  );
});
