import { describe, expect, it } from '@jest/globals';
import { windowParts } from './window-parts.ts';

describe('windowParts', () => {
  it('cuts a window without a gap or an overlap, over the ends of months and years', () => {
    expect(windowParts({ start: '2027-12-20', end: '2028-03-13' }, 28)).toEqual([
      { start: '2027-12-20', end: '2028-01-17' },
      { start: '2028-01-17', end: '2028-02-14' },
      { start: '2028-02-14', end: '2028-03-13' },
    ]);
  });

  it('lets the last part take the rest', () => {
    expect(windowParts({ start: '2026-11-01', end: '2026-11-08' }, 2)).toEqual([
      { start: '2026-11-01', end: '2026-11-03' },
      { start: '2026-11-03', end: '2026-11-05' },
      { start: '2026-11-05', end: '2026-11-08' },
    ]);
  });

  it.each([1, 2, 3])(
    'leaves a window of three days as it is when that is less than two of %d and more',
    (n) => {
      const window = { start: '2026-11-01', end: '2026-11-04' };

      expect(windowParts(window, n + 1)).toEqual([window]);
    },
  );
});
