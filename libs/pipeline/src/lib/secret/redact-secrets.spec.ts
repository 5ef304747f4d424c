import { describe, expect, it } from '@jest/globals';
import { redactSecrets } from './redact-secrets.ts';

describe('redactSecrets', () => {
  it.each([
    ['Incorrect API key provided: sk-admin-AbC_1****xyz.', 'Incorrect API key provided: [redacted].'],
    ['key sk-proj-abc is a project key', 'key [redacted] is a project key'],
    ['sk-ABCDEFGHIJKLMNOPQRSTUVWX', '[redacted]'],
    ['token ya29.a0Af_x-Y.z expired', 'token [redacted] expired'],
    ['jwt eyJhbGciOi.eyJpc3Mi.c2ln was refused', 'jwt [redacted] was refused'],
    ['AKIAABCDEFGHIJKLMNOP', '[redacted]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----', '[redacted]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE cut short', '[redacted]'],
  ])('replaces the credential in %j', (text, redacted) => {
    expect(redactSecrets(text)).toBe(redacted);
  });

  it('leaves ordinary words alone', () => {
    expect(redactSecrets('the task-force asks for a risk-free desk')).toBe(
      'the task-force asks for a risk-free desk',
    );
  });
});
