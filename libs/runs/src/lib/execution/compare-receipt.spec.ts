import { describe, expect, it } from '@jest/globals';
import type { StagedTotals } from '@pipelines/pipeline';
import { assertReceipt } from './compare-receipt.ts';
import { ExtractionTally } from './extraction-tally.ts';

const usd = (sum: string) => ({ column: 'amount', currency: 'USD', sum });
const totals = (changes: Partial<StagedTotals>): StagedTotals => ({
  rows: 2,
  rowsOutsideWindow: 0,
  money: [usd('3.50')],
  ...changes,
});

function extracted(changes: Partial<StagedTotals> = {}): ExtractionTally {
  const tally = new ExtractionTally(
    { description: '', columns: [] },
    { start: '2026-11-01', end: '2026-11-02' },
    18,
  );
  tally.adopt(totals({ money: [usd('3.5')], ...changes }));
  return tally;
}

describe('assertReceipt', () => {
  it('accepts equal rows and sums, whatever their notation', () => {
    expect(() => assertReceipt(extracted(), totals({}))).not.toThrow();
  });

  it.each<[string, Partial<StagedTotals>, RegExp]>([
    ['a lost row', { rows: 1 }, /2 rows were extracted but 1 staged/],
    ['a doubled row', { rows: 3 }, /but 3 staged/],
    [
      'a changed amount',
      { money: [usd('3.500000000000000001')] },
      /3.5 extracted but 3.500000000000000001 staged/,
    ],
    ['a lost currency', { money: [] }, /3.5 extracted but 0 staged/],
    ['a currency from nowhere', { money: [usd('3.5'), { ...usd('1'), currency: 'EUR' }] }, /1 EUR of amount/],
  ])('refuses %s with receipt_mismatch', (_name, staged, message) => {
    expect(() => assertReceipt(extracted(), totals(staged))).toThrow(
      expect.objectContaining({ code: 'receipt_mismatch', message: expect.stringMatching(message) }),
    );
  });

  it('blames the provider for rows outside the window', () => {
    expect(() => assertReceipt(extracted({ rowsOutsideWindow: 1 }), totals({}))).toThrow(
      expect.objectContaining({ code: 'provider_response_invalid' }),
    );
  });
});
