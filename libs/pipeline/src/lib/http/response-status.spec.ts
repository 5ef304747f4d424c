import { describe, expect, it } from '@jest/globals';
import { Secret } from '../secret/secret.ts';
import { errorOfStatus } from './response-status.ts';

describe('errorOfStatus', () => {
  const secret = new Secret({ key: 'kept-from-you' });

  it("carries the provider's words, cut to a bound", () => {
    const body = JSON.stringify({ error: { message: 'x'.repeat(1000) } });

    expect(errorOfStatus('acme', 400, body, { secret }).message).toBe(
      `acme refused the request (HTTP 400). It said: ${'x'.repeat(300)}`,
    );
  });

  it('clears the words of the secret before it cuts them', () => {
    const body = JSON.stringify({ message: `${'x'.repeat(295)} kept-from-you` });

    expect(errorOfStatus('acme', 400, body, { secret }).message).toMatch(/x{295} \[red$/);
  });

  it('leaves words out that are longer than a message', () => {
    const body = JSON.stringify({ message: 'x'.repeat(70_000) });

    expect(errorOfStatus('acme', 400, body, { secret }).message).toBe('acme refused the request (HTTP 400).');
  });

  it.each([
    ['{"error":"invalid_grant"}', ' It said: invalid_grant'],
    ['{"message":"no"}', ' It said: no'],
    ['{"error":{}}', ''],
    ['null', ''],
    ['<html>', ''],
  ])('finds the words in %s', (body, words) => {
    expect(errorOfStatus('acme', 404, body, { secret }).message).toBe(
      `acme refused the request (HTTP 404).${words}`,
    );
  });
});
