import { describe, expect, it } from '@jest/globals';
import { groupsDifference, toGroupTotals, type GroupTotals } from './grouping.ts';

const GROUPING = { by: ['day', 'currency'], sums: ['cost', 'net'] };

const totals = (day: string, currency: string | null, rows: number, ...sums: string[]): GroupTotals => ({
  group: [day, currency],
  rows,
  sums,
});

describe('toGroupTotals', () => {
  it('reads texts as the warehouses write them, and takes a sum of nothing for zero', () => {
    const answer = [
      { day: '2026-11-01', currency: 'USD', row_count: '12', cost: '0.100000000000000000', net: null },
      { day: '2026-11-01', currency: null, row_count: '1', cost: '-7', net: '9007199254740993.1' },
    ];

    expect(toGroupTotals(answer, GROUPING)).toEqual([
      totals('2026-11-01', 'USD', 12, '0.1', '0'),
      totals('2026-11-01', null, 1, '-7', '9007199254740993.1'),
    ]);
  });
});

describe('groupsDifference', () => {
  const sources = [totals('2026-11-01', 'USD', 2, '1', '0.5'), totals('2026-11-02', null, 1, '3', '3')];

  it('finds none between equal groups, whatever their order', () => {
    expect(groupsDifference(sources, [...sources].reverse(), GROUPING)).toBeUndefined();
    expect(groupsDifference([], [], GROUPING)).toBeUndefined();
  });

  it.each<[string, GroupTotals[], string]>([
    [
      'another number of rows',
      [totals('2026-11-01', 'USD', 3, '1', '0.5'), sources[1]!],
      'day 2026-11-01, currency USD: the sources hold 2 rows, cost 1, net 0.5, but 3 rows, cost 1, net 0.5 were staged',
    ],
    [
      'the last digit of the last sum',
      [sources[0]!, totals('2026-11-02', null, 1, '3', '3.000000000000000001')],
      'day 2026-11-02, currency null: the sources hold 1 rows, cost 3, net 3, but 1 rows, cost 3, net 3.000000000000000001 were staged',
    ],
    [
      'a group that is gone',
      [sources[0]!],
      'day 2026-11-02, currency null: the sources hold 1 rows, cost 3, net 3, but no rows were staged',
    ],
    [
      'a group that the sources lack, before what may only be left out',
      [totals('2026-11-03', 'USD', 1, '3', '3')],
      'day 2026-11-03, currency USD: the sources hold no rows, but 1 rows, cost 3, net 3 were staged',
    ],
    [
      'a currency that is called null',
      [sources[0]!, totals('2026-11-02', 'null', 1, '3', '3')],
      'day 2026-11-02, currency null: the sources hold no rows, but 1 rows, cost 3, net 3 were staged',
    ],
  ])('names the group that differs by %s', (_name, staged, difference) => {
    expect(groupsDifference(sources, staged, GROUPING)).toBe(difference);
  });
});
