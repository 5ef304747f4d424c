import { describe, expect, it } from '@jest/globals';
import { splitWindow } from './split-window.ts';

describe('splitWindow', () => {
  it('splits across the end of February', () => {
    expect(splitWindow({ start: '2028-02-28', end: '2028-03-02' }, 1)).toEqual([
      { start: '2028-02-28', end: '2028-02-29' },
      { start: '2028-02-29', end: '2028-03-01' },
      { start: '2028-03-01', end: '2028-03-02' },
    ]);
  });

  it('ends with a shorter part when the days do not come out even', () => {
    expect(splitWindow({ start: '2026-01-01', end: '2026-01-11' }, 7)).toEqual([
      { start: '2026-01-01', end: '2026-01-08' },
      { start: '2026-01-08', end: '2026-01-11' },
    ]);
  });
});
