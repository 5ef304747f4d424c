import { describe, expect, it } from '@jest/globals';
import { Secret } from '../secret/secret.ts';
import { errorOfStatus, retryAfterMs } from './response-status.ts';

describe('retryAfterMs', () => {
  const now = new Date('2026-11-01T00:00:00Z');

  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after-ms': '1500', 'retry-after': '7' }, 1500],
    [{ 'retry-after': 'Sun, 01 Nov 2026 00:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sat, 31 Oct 2026 23:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{}, undefined],
  ])('reads %j as %s', (headers, expected) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>), now)).toBe(expected);
  });
});

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
