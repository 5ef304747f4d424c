import { describe, expect, it } from '@jest/globals';
import { nextOccurrence, occurrencesBetween, startOffset } from './occurrences.ts';

const NIGHTLY = { cron: '30 2 * * *', timezone: 'Europe/Berlin' };

const between = (schedule: typeof NIGHTLY, after: string, until: string) =>
  occurrencesBetween(schedule, new Date(after), new Date(until)).map((due) => due.toISOString());

describe('occurrences', () => {
  it('come after the given instant, not at it', () => {
    const daily = { cron: '0 3 * * *', timezone: 'UTC' };

    expect(nextOccurrence(daily, new Date('2026-01-05T03:00:00Z'))).toEqual(new Date('2026-01-06T03:00:00Z'));
    expect(nextOccurrence(daily, new Date('2026-01-05T02:59:59.999Z'))).toEqual(
      new Date('2026-01-05T03:00:00Z'),
    );
  });

  it('are found up to and with the end, oldest first', () => {
    expect(
      between({ cron: '0 */8 * * *', timezone: 'UTC' }, '2026-01-31T16:00:00Z', '2026-02-01T08:00:00Z'),
    ).toEqual(['2026-02-01T00:00:00.000Z', '2026-02-01T08:00:00.000Z']);
  });

  it('come once on the day without their hour, an hour later by the clock', () => {
    expect(between(NIGHTLY, '2026-03-27T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('come once on the day that has their hour twice', () => {
    expect(between(NIGHTLY, '2026-10-23T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
      '2026-10-24T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('come in each of the two hours when they come every hour', () => {
    const hourly = { cron: '30 * * * *', timezone: 'Europe/Berlin' };

    expect(between(hourly, '2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z')).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
  });

  it('come at midnight where the day begins an hour late', () => {
    const midnight = { cron: '0 0 * * *', timezone: 'America/Santiago' };

    expect(between(midnight, '2026-09-05T12:00:00Z', '2026-09-07T12:00:00Z')).toEqual([
      '2026-09-06T04:00:00.000Z',
      '2026-09-07T03:00:00.000Z',
    ]);
  });
});

describe('startOffset', () => {
  const of = (org: string) => ({ org, provider: 'openai', domain: 'cost', pipeline: 'costs_daily' });
  const HOUR_MS = 3_600_000;

  it('is nothing without jitter', () => expect(startOffset(of('acme'), 0)).toBe(0));

  it('is always the same for an organization, and spreads many over the whole jitter', () => {
    const offsets = Array.from({ length: 1_000 }, (_, index) => startOffset(of(`org_${index}`), HOUR_MS));

    expect(startOffset(of('org_7'), HOUR_MS)).toBe(offsets[7]);
    expect(Math.max(...offsets)).toBeLessThan(HOUR_MS);
    const quarters = [0, 1, 2, 3].map(
      (quarter) => offsets.filter((offset) => Math.floor((offset * 4) / HOUR_MS) === quarter).length,
    );
    expect(Math.min(...quarters)).toBeGreaterThan(200);
  });
});
