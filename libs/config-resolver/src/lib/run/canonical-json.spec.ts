import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('sorts keys at every depth and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 'x' }, 2], a: null })).toBe('{"a":null,"b":[{"c":"x","d":1},2]}');
  });
});
