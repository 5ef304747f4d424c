import { describe, expect, it } from '@jest/globals';
import { validateSync } from 'class-validator';
import { GcpBillingExportOptions } from '../billing/gcp-billing-export.options.ts';
import { GcpPricingExportOptions } from '../pricing/gcp-pricing-export.options.ts';

describe.each([
  ['GcpBillingExportOptions', GcpBillingExportOptions],
  ['GcpPricingExportOptions', GcpPricingExportOptions],
])('%s', (_name, Options) => {
  const problemsOf = (since: unknown): string[] =>
    validateSync(Object.assign(new Options(), { since })).flatMap(({ constraints = {} }) =>
      Object.values(constraints),
    );

  it.each([undefined, '2026-11-01', '2028-02-29'])('take %s for the first day', (since) => {
    expect(problemsOf(since)).toEqual([]);
  });

  it.each(['2026-02-31', '2026-02-29', '2026-13-01', '2026-1-1', '2026-11-01T00:00:00Z', '', 20261101])(
    'refuse %p',
    (since) => {
      expect(problemsOf(since)).toEqual(['since must be a day that exists, as YYYY-MM-DD']);
    },
  );

  it.each([
    [1, 0],
    [90, 0],
    [0, 1],
    [91, 1],
    [1.5, 1],
  ])('take %p for the days to look back or refuse them: %p problems', (export_lookback_days, problems) => {
    expect(validateSync(Object.assign(new Options(), { export_lookback_days }))).toHaveLength(problems);
  });
});
