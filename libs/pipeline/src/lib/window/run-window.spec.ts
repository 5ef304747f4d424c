import { describe, expect, it } from '@jest/globals';
import { resolveWindow, type DefaultWindow, type WindowRequest } from './run-window.ts';

const TODAY = '2026-03-01';
const YESTERDAY: DefaultWindow = { lastDay: 'yesterday', lookbackDays: 1 };

describe('resolveWindow', () => {
  it.each<[string, WindowRequest, DefaultWindow, string, string]>([
    ['one day', { date: '2026-02-28' }, YESTERDAY, '2026-02-28', '2026-03-01'],
    ['a leap day', { date: '2024-02-29' }, YESTERDAY, '2024-02-29', '2024-03-01'],
    ['today, which is not over', { date: TODAY }, YESTERDAY, '2026-03-01', '2026-03-02'],
    [
      'a half-open range',
      { start_date: '2025-12-30', end_date: '2026-01-02' },
      YESTERDAY,
      '2025-12-30',
      '2026-01-02',
    ],
    ['yesterday by default', {}, YESTERDAY, '2026-02-28', '2026-03-01'],
    ['trailing days', {}, { lastDay: 'yesterday', lookbackDays: 3 }, '2026-02-26', '2026-03-01'],
    ['trailing days up to today', {}, { lastDay: 'today', lookbackDays: 2 }, '2026-02-28', '2026-03-02'],
  ])('resolves %s', (_name, request, defaults, start, end) => {
    expect(resolveWindow(request, defaults, TODAY)).toEqual({ start, end });
  });

  it.each<[string, DefaultWindow['lastDay'], number, string, string, string]>([
    ['the first day of a month', 'yesterday', 3, '2026-12-01', '2026-11-01', '2026-12-01'],
    ['the last day that does so', 'yesterday', 3, '2026-12-05', '2026-11-01', '2026-12-05'],
    ['the first day that does not', 'yesterday', 3, '2026-12-06', '2026-12-03', '2026-12-06'],
    ['the last day of a month', 'yesterday', 3, '2026-11-30', '2026-11-27', '2026-11-30'],
    ['New Year', 'yesterday', 3, '2027-01-01', '2026-12-01', '2027-01-01'],
    ['New Year, today included', 'today', 3, '2027-01-01', '2026-12-01', '2027-01-02'],
    ['March after a leap February', 'yesterday', 1, '2028-03-01', '2028-02-01', '2028-03-01'],
    ['March after a short February', 'yesterday', 1, '2027-03-05', '2027-02-01', '2027-03-05'],
    ['a longer look-back than the month', 'yesterday', 90, '2026-12-02', '2026-09-03', '2026-12-02'],
  ])('restates the previous month until the fifth: %s', (_name, lastDay, lookbackDays, today, start, end) => {
    const defaults = { lastDay, lookbackDays, restatePreviousMonthUntilDay: 5 };

    expect(resolveWindow({}, defaults, today)).toEqual({ start, end });
  });

  it('restates no month when the caller names days', () => {
    const defaults: DefaultWindow = { ...YESTERDAY, restatePreviousMonthUntilDay: 28 };

    expect(resolveWindow({ date: '2026-02-28' }, defaults, TODAY)).toEqual({
      start: '2026-02-28',
      end: '2026-03-01',
    });
  });

  it.each<[string, WindowRequest, RegExp]>([
    ['invalid_date', { date: '2026-02-30' }, /date: "2026-02-30" is not a calendar day/],
    ['invalid_date', { date: '26-1-1' }, /YYYY-MM-DD/],
    ['invalid_date', { start_date: '2026-01-01', end_date: 'tomorrow' }, /^end_date/],
    ['date_in_future', { date: '2026-03-02' }, /today is 2026-03-01/],
    ['date_in_future', { start_date: '2026-02-01', end_date: '2026-03-03' }, /ends with 2026-03-02/],
    ['window_reversed', { start_date: '2026-02-02', end_date: '2026-02-01' }, /after start_date 2026-02-02/],
    ['window_reversed', { start_date: '2026-02-02', end_date: '2026-02-02' }, /exclusive/],
    ['window_too_long', { start_date: '2025-01-01', end_date: '2026-01-03' }, /367 days/],
    ['validation_failed', { start_date: '2026-02-02' }, /end_date is missing/],
    ['validation_failed', { end_date: '2026-02-02' }, /start_date is missing/],
    ['validation_failed', { date: '2026-02-02', end_date: '2026-02-03' }, /not both/],
  ])('refuses with %s: %j', (code, request, message) => {
    expect(() => resolveWindow(request, YESTERDAY, TODAY)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
