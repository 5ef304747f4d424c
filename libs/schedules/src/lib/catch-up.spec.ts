import { describe, expect, it } from '@jest/globals';
import { planCatchUp, retryAt } from './catch-up.ts';
import type { Occurrence } from './schedule.ts';

const at = (time: string) => new Date(`2026-01-${time}Z`);
const occurrence = (time: string, start: string, end: string): Occurrence => ({
  dueAt: at(time),
  window: { start: `2026-01-${start}`, end: `2026-01-${end}` },
});

/** Two days on each of which the schedule was due twice. */
const DUE = [
  occurrence('06T03:00', '05', '06'),
  occurrence('06T15:00', '05', '06'),
  occurrence('07T03:00', '06', '07'),
  occurrence('07T15:00', '06', '07'),
];
const [firstDay, firstDayAgain, secondDay, secondDayAgain] = DUE;

describe('planCatchUp', () => {
  it('starts one occurrence per window, oldest window first, when all are caught up', () => {
    const { start, dropped } = planCatchUp('all', DUE, at('07T15:00'));

    expect(start).toEqual([firstDayAgain, secondDayAgain]);
    expect(dropped).toMatchObject([
      { ...firstDay, missed: { code: 'superseded', retryAt: null } },
      { ...secondDay, missed: { code: 'superseded', retryAt: null } },
    ]);
  });

  it('starts the newest alone when the latest is caught up', () => {
    const { start, dropped } = planCatchUp('latest', DUE, at('07T15:00'));

    expect(start).toEqual([secondDayAgain]);
    expect(dropped.map(({ dueAt }) => dueAt)).toEqual(DUE.slice(0, 3).map(({ dueAt }) => dueAt));
  });

  it('starts only what is not late when nothing is caught up', () => {
    const { start, dropped } = planCatchUp('none', DUE, at('07T15:05'));

    expect(start).toEqual([secondDayAgain]);
    expect(dropped).toHaveLength(3);
    expect(dropped[0]).toMatchObject({ missed: { code: 'too_late' } });
    expect(planCatchUp('none', DUE, at('07T15:05:00.001')).start).toEqual([]);
  });

  it.each(['all', 'latest', 'none'] as const)('starts nothing when nothing is due, with %s', (policy) => {
    expect(planCatchUp(policy, [], at('07T15:00'))).toEqual({ start: [], dropped: [] });
  });
});

describe('retryAt', () => {
  const now = at('07T15:01');

  it.each([
    ['a minute at least', 1_000, '07T15:02'],
    ['when the refusal says', 600_000, '07T15:11'],
    ['an hour at most', 9 * 3_600_000, '07T16:01'],
  ])('waits %s', (_what, retryAfterMs, expected) => {
    expect(retryAt('latest', secondDayAgain!, now, 0, { transient: false, retryAfterMs })).toEqual(
      at(expected),
    );
  });

  it('gives up after a month', () => {
    expect(retryAt('all', firstDay!, new Date('2026-02-06T03:00:01Z'), 0, { transient: true })).toBeNull();
  });

  it.each([
    ['no refusal that lasts', false, 0, '07T15:01', null],
    ['one that need not last', true, 0, '07T15:05', at('07T15:06')],
    ['one of an occurrence that starts later than it is due', true, 600_000, '07T15:15', at('07T15:16')],
    ['none when it is too late to start', true, 0, '07T15:06', null],
  ])('without catching up, waits for %s', (_what, transient, offsetMs, tried, expected) => {
    expect(retryAt('none', secondDayAgain!, at(tried), offsetMs, { transient })).toEqual(expected);
  });
});
