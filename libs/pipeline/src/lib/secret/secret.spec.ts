import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.ts';

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
