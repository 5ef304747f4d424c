import { describe, expect, it } from '@jest/globals';
import { askedWaitMs } from './asked-wait.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const asked = (headers: Record<string, string>, status = 429): number | undefined =>
  askedWaitMs(status, new Headers(headers), NOW);

describe('askedWaitMs', () => {
  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after-ms': '1500', 'retry-after': '7' }, 1500],
    [{ 'retry-after': 'Sun, 01 Nov 2026 00:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sat, 31 Oct 2026 23:00:00 GMT' }, undefined],
    [{ 'retry-after': '0' }, undefined],
    [{ 'retry-after-ms': '0' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{}, undefined],
  ])('reads %j as %s, of a fault as well', (headers, expected) => {
    expect(asked(headers as Record<string, string>)).toBe(expected);
    expect(asked(headers as Record<string, string>, 503)).toBe(expected);
  });

  it.each([
    ['anthropic-ratelimit-requests-reset', '2026-11-01T00:00:42Z', 42_000],
    ['anthropic-ratelimit-requests-reset', '2026-11-01T01:00:42.5+01:00', 42_500],
    ['anthropic-ratelimit-requests-reset', '2026-10-31T23:59:59Z', undefined],
    ['x-ratelimit-reset-requests', '1s', 1_000],
    ['x-ratelimit-reset-requests', '12ms', 12],
    ['x-ratelimit-reset-tokens', '6m0s', 360_000],
    ['x-ratelimit-reset-tokens', '1h2m3.5s', 3_723_500],
    ['x-ratelimit-reset', '30', 30_000],
    ['x-ratelimit-reset', '1793491260', 60_000],
    ['x-ratelimit-reset', '1793491260000', 60_000],
    ['x-ratelimit-reset', '1793491000', undefined],
    ['x-rate-limit-reset', '30', 30_000],
    ['ratelimit-reset', '30', 30_000],
    ['ratelimit', '"default";r=0;t=30', 30_000],
    ['ratelimit', 'limit=100, remaining=0, reset=30', 30_000],
    ['x-ratelimit-reset', 'later', undefined],
    ['x-ratelimit-limit-requests', '30', undefined],
    ['x-preset', '30', undefined],
  ])('reads the end of a limit from %s: %s', (header, value, expected) => {
    expect(asked({ [header]: value })).toBe(expected);
    expect(asked({ 'retry-after': '0', [header]: value })).toBe(expected);
  });

  it('goes by Retry-After where it asks for time', () => {
    expect(asked({ 'retry-after': '5', 'x-ratelimit-reset-tokens': '6m0s' })).toBe(5_000);
  });

  it('takes the longest limit of those that are used up', () => {
    const headers = {
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-01T00:00:42Z',
      'anthropic-ratelimit-tokens-remaining': '100000',
      'anthropic-ratelimit-tokens-reset': '2026-11-01T12:00:00Z',
      'x-ratelimit-reset-requests': '1s',
    };

    expect(asked(headers)).toBe(42_000);
  });

  it('takes no limit for the reason of a fault', () => {
    expect(asked({ 'x-ratelimit-reset-requests': '6m0s' }, 500)).toBeUndefined();
  });
});
