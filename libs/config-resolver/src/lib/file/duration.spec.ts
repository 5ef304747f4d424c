import { describe, expect, it } from '@jest/globals';
import { parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '30', '0s', '1.5h', '-1m', '30 m', '1d', '1h30m', '30M', '9999999s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
