/** The values that FOCUS allows in columns of closed sets; null is judged elsewhere. */
export const ALLOWED_VALUES: Readonly<Record<string, readonly string[]>> = {
  ChargeCategory: ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'],
  ChargeClass: ['Correction'],
  ChargeFrequency: ['One-Time', 'Recurring', 'Usage-Based'],
  PricingCategory: ['Standard', 'Dynamic', 'Committed', 'Other'],
  CommitmentDiscountCategory: ['Spend', 'Usage'],
  CommitmentDiscountStatus: ['Used', 'Unused'],
  CapacityReservationStatus: ['Used', 'Unused'],
};

/** ISO 4217 codes, of currencies in use and of former ones. */
export const CURRENCIES: readonly string[] = Intl.supportedValuesOf('currency');

/**
 * What a unit may look like: `Hours`, `1000 Tokens`, `GiB-Hours`, `Requests/Second`, `Units/3 Months`. Counted things
 * are capitalised nouns; data sizes have their own spelling.
 */
export const UNIT_PATTERN = (() => {
  const simple = '(?:[KMGTPE]?i?[bB]|[A-Z][A-Za-z]*)';
  const quantified = `(?:[1-9][0-9]* )?${simple}`;
  return `^${quantified}(?:-${simple})*(?:/${quantified})?$`;
})();
