import { describe, expect, it } from '@jest/globals';
import type { TableSchema } from './table-schema.ts';
import { isIncremental, proveIncrement } from './incremental.ts';

const PLAIN: TableSchema = { description: 'Costs', columns: [], windowColumn: 'day' };
const INCREMENTAL: TableSchema = { ...PLAIN, watermarkColumn: 'exported_at' };
const window = { start: '2026-11-01', end: '2026-11-03' };

describe('proveIncrement', () => {
  it('says nothing of a load that is not incremental', () => {
    expect(isIncremental({ schema: PLAIN })).toBe(false);
    expect(proveIncrement({ schema: PLAIN, window }, { days: ['2026-01-01'] })).toEqual({});
  });

  it.each([
    ['nothing', [], [window]],
    ['days of the window', ['2026-11-01', '2026-11-02'], [window]],
    [
      'days before, beside and after it',
      ['2026-11-03', '2026-12-31', '2026-01-01', '2026-01-02', '2026-10-31'],
      [
        { start: '2026-01-01', end: '2026-01-03' },
        { start: '2026-10-31', end: '2026-11-04' },
        { start: '2026-12-31', end: '2027-01-01' },
      ],
    ],
  ])('joins the window and %s to the fewest spans', (_what, days, spans) => {
    expect(isIncremental({ schema: INCREMENTAL })).toBe(true);
    expect(proveIncrement({ schema: INCREMENTAL, window }, { days }).spans).toEqual(spans);
  });

  it.each([
    ['2026-10-31', window],
    ['2026-11-01', window],
    ['2026-11-02', { start: '2026-11-02', end: '2026-11-03' }],
  ])('replaces the days of the window from %s on', (firstDay, span) => {
    expect(proveIncrement({ schema: { ...INCREMENTAL, firstDay }, window }, {}).spans).toEqual([span]);
  });

  it('refuses a window that ends before the first day', () => {
    expect(() => proveIncrement({ schema: { ...INCREMENTAL, firstDay: '2026-11-03' }, window }, {})).toThrow(
      expect.objectContaining({
        code: 'configuration_invalid',
        message:
          'The window ends with 2026-11-02, but the pipeline loads nothing before 2026-11-03. Ask for later days, or change processor.options.since.',
      }),
    );
  });

  it.each([
    [undefined, undefined, undefined],
    ['2026-11-01T00:00:00.000001Z', undefined, '2026-11-01T00:00:00.000001Z'],
    [undefined, '2026-11-01T00:00:00.000002Z', '2026-11-01T00:00:00.000002Z'],
    ['2026-11-01T00:00:00.000001Z', '2026-11-01T00:00:00.000002Z', '2026-11-01T00:00:00.000002Z'],
    ['2026-11-01T00:00:00.000003Z', '2026-11-01T00:00:00.000002Z', '2026-11-01T00:00:00.000003Z'],
  ])('has read up to the later of %s and %s', (since, watermark, reached) => {
    expect(
      proveIncrement({ schema: INCREMENTAL, window }, { watermark }, since === undefined ? {} : { '': since })
        .watermark,
    ).toBe(reached);
  });

  it('has read up to the later one of each clock, whichever of them is the latest', () => {
    const schema = { ...INCREMENTAL, watermarkBy: 'account' };
    const since = { a: '2026-11-05T00:00:00.000000Z', b: '2026-11-01T00:00:00.000000Z' };
    const watermarks = {
      b: '2026-11-02T00:00:00.000000Z',
      c: '2026-10-01T00:00:00.000000Z',
      '': '2026-09-01T00:00:00.000000Z',
    };

    expect(proveIncrement({ schema, window }, { watermarks }, since)).toMatchObject({
      watermark: since.a,
      watermarks: { ...watermarks, a: since.a },
    });
  });
});
