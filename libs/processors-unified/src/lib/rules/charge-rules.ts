import { FOCUS_VERSIONS, type FocusVersion } from '../focus/focus-columns.ts';
import type { RowRule } from './focus-rule.ts';

/** How far price times quantity may lie from the cost, of the cost or of 1; the specification asks for equality. */
const TOLERANCE = '1e-9';

const PRICES = [
  'ContractedUnitPrice',
  'ListUnitPrice',
  'PricingCurrencyContractedUnitPrice',
  'PricingCurrencyListUnitPrice',
];

/** 1.2 takes corrections out; 1.4 does not. */
const PRODUCTS: readonly (readonly [FocusVersion, string])[] = [
  ['1.2', 'ChargeClass IS NULL AND '],
  ['1.4', ''],
];

/** Who provides, as each version names it. */
const PROVIDERS: readonly (readonly [FocusVersion, string])[] = [
  ['1.2', 'ProviderName'],
  ['1.4', 'ServiceProviderName'],
];

/** How periods, prices and costs of a charge belong together. */
export const CHARGE_RULES: readonly RowRule[] = [
  ...['BillingPeriod', 'ChargePeriod'].map((period) => ({
    id: `half-open:${period}`,
    says: `${period}Start lies before ${period}End, which is exclusive.`,
    versions: FOCUS_VERSIONS,
    isBroken: () => `${period}Start >= ${period}End`,
  })),
  {
    id: 'purchase-frequency',
    says: 'ChargeFrequency of a purchase is not Usage-Based.',
    versions: FOCUS_VERSIONS,
    isBroken: () => `ChargeCategory = 'Purchase' AND ChargeFrequency = 'Usage-Based'`,
  },
  ...PROVIDERS.map(([version, provider]) => ({
    id: 'billed-by-issuer:BilledCost',
    says: `BilledCost is 0 where the InvoiceIssuerName is not the ${provider}.`,
    versions: [version],
    isBroken: () => `${provider} <> InvoiceIssuerName AND BilledCost <> 0`,
  })),
  {
    id: 'covers-the-future:EffectiveCost',
    says: 'EffectiveCost is 0 for a purchase that covers future charges.',
    versions: FOCUS_VERSIONS,
    deviation: 'Commitments are not spread over the usage that they cover.',
    isBroken: () => `ChargeCategory = 'Purchase' AND EffectiveCost <> 0`,
  },
  ...PRICES.map((price) => ({
    id: `not-negative:${price}`,
    says: `${price} is not negative.`,
    versions: FOCUS_VERSIONS,
    isBroken: () => `${price} < 0`,
  })),
  ...['Contracted', 'List'].flatMap((kind) =>
    PRODUCTS.map(([version, unless]) => ({
      id: `product:${kind}Cost`,
      says: `${kind}Cost is ${kind}UnitPrice times PricingQuantity, within 1e-9 of the larger of it and 1.`,
      versions: [version],
      // A decimal product would have more digits than a warehouse keeps; 15 are enough for the tolerance.
      isBroken: (({ float }) => {
        const [price, quantity, cost] = [`${kind}UnitPrice`, 'PricingQuantity', `${kind}Cost`].map(float);
        return `${unless}ABS(${price} * ${quantity} - ${cost}) > ${TOLERANCE} * GREATEST(1, ABS(${cost}))`;
      }) as RowRule['isBroken'],
    })),
  ),
  ...['Tax', 'Credit'].map((category) => ({
    id: `effective-as-billed:${category}`,
    says: `EffectiveCost is BilledCost for a ${category}.`,
    versions: ['1.4'] as const,
    isBroken: () => `ChargeCategory = '${category}' AND EffectiveCost <> BilledCost`,
  })),
  {
    id: 'effective-as-billed:Usage',
    says: 'EffectiveCost is BilledCost for usage that no commitment covers.',
    versions: ['1.4'],
    isBroken: () =>
      `ChargeCategory = 'Usage' AND CommitmentDiscountId IS NULL AND EffectiveCost <> BilledCost`,
  },
  ...['Contracted', 'List'].map((kind) => ({
    id: `credit-as-billed:${kind}Cost`,
    says: `${kind}Cost of a credit without a price is BilledCost.`,
    versions: FOCUS_VERSIONS,
    isBroken: () => `ChargeCategory = 'Credit' AND ${kind}UnitPrice IS NULL AND ${kind}Cost <> BilledCost`,
  })),
];
