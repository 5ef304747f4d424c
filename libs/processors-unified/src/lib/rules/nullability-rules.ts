import { FOCUS_VERSIONS, type FocusVersion } from '../focus/focus-columns.ts';
import type { RowRule } from './focus-rule.ts';

type Pair = readonly [column: string, other: string];

/** Columns that are null in the same rows. */
const TOGETHER: readonly (Pair | readonly [...Pair, readonly FocusVersion[]])[] = [
  ['BillingAccountType', 'BillingAccountId'],
  ['CommitmentDiscountCategory', 'CommitmentDiscountId'],
  ['CommitmentDiscountType', 'CommitmentDiscountId'],
  ['CommitmentDiscountUnit', 'CommitmentDiscountQuantity'],
  ['ConsumedUnit', 'ConsumedQuantity'],
  ['PricingUnit', 'PricingQuantity'],
  ['RegionName', 'RegionId'],
  ['ResourceType', 'ResourceId'],
  ['SubAccountName', 'SubAccountId'],
  ['SubAccountType', 'SubAccountId'],
  ['AllocatedResourceName', 'AllocatedResourceId', ['1.4']],
  ['InvoiceDetailId', 'InvoiceId', ['1.4']],
];

/** Columns that are null where another is. */
const NEEDS: readonly Pair[] = [
  ['CapacityReservationStatus', 'CapacityReservationId'],
  ['CommitmentDiscountName', 'CommitmentDiscountId'],
  ['CommitmentDiscountStatus', 'CommitmentDiscountId'],
  ['CommitmentDiscountQuantity', 'CommitmentDiscountId'],
  ['ResourceName', 'ResourceId'],
  ['SkuMeter', 'SkuId'],
  ['SkuPriceDetails', 'SkuPriceId'],
];

/** What a tax has none of. */
const UNTAXED = [
  'SkuId',
  'SkuPriceId',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ContractedUnitPrice',
  'ListUnitPrice',
];

/** What 1.4 lets no row have that names no price. */
const NEEDS_PRICE = [
  'PricingQuantity',
  'PricingCategory',
  'ConsumedQuantity',
  'CommitmentDiscountQuantity',
  'ListUnitPrice',
  'ContractedUnitPrice',
  'PricingCurrencyListUnitPrice',
  'PricingCurrencyContractedUnitPrice',
];

const SOLD = `ChargeCategory IN ('Usage', 'Purchase') AND ChargeClass IS NULL`;
/** What usage and purchases have, unless they are corrections, and why some have not. */
const NOT_IN_THE_DATA = {
  PricingQuantity: 'The provider tells no quantity for some charges.',
  ContractedUnitPrice: 'No price is told that gives the cost; a wrong product is worse than none.',
  ListUnitPrice: 'The provider tells no list price, or one that does not give the cost.',
};

/** What every charge should have. */
const NOT_IN_ANY_DATA = {
  BillingAccountName: "The provider's data does not name the billing account.",
  InvoiceId: "No invoice is named in the provider's data.",
};

/** When columns are null, and when they are not. */
export const NULLABILITY_RULES: readonly RowRule[] = [
  ...TOGETHER.map(([column, other, versions = FOCUS_VERSIONS]) => ({
    id: `null-together:${column}`,
    says: `${column} is null exactly where ${other} is.`,
    versions,
    isBroken: () => `(${column} IS NULL) <> (${other} IS NULL)`,
  })),
  ...NEEDS.map(([column, other]) => ({
    id: `null-without:${column}`,
    says: `${column} is null where ${other} is.`,
    versions: FOCUS_VERSIONS,
    isBroken: () => `${column} IS NOT NULL AND ${other} IS NULL`,
  })),
  ...['CapacityReservation', 'CommitmentDiscount'].map((subject) => ({
    id: `status-of-usage:${subject}Status`,
    says: `${subject}Status is told for usage that names a ${subject}Id.`,
    versions: FOCUS_VERSIONS,
    isBroken: () => `ChargeCategory = 'Usage' AND ${subject}Id IS NOT NULL AND ${subject}Status IS NULL`,
  })),
  ...UNTAXED.map((column) => ({
    id: `null-for-tax:${column}`,
    says: `${column} is null for a tax.`,
    versions: FOCUS_VERSIONS,
    isBroken: () => `ChargeCategory = 'Tax' AND ${column} IS NOT NULL`,
  })),
  {
    id: 'null-unless-usage:ConsumedQuantity',
    says: 'ConsumedQuantity is null unless something was used.',
    versions: FOCUS_VERSIONS,
    isBroken: () =>
      `ConsumedQuantity IS NOT NULL AND (ChargeCategory <> 'Usage' OR CommitmentDiscountStatus = 'Unused')`,
  },
  ...['SkuId', 'SkuPriceId', 'PricingCategory'].map((column) => ({
    id: `told-when-sold:${column}`,
    says: `${column} is not null for usage and purchases that correct nothing.`,
    versions: FOCUS_VERSIONS,
    isBroken: () => `${SOLD} AND ${column} IS NULL`,
  })),
  ...Object.entries(NOT_IN_THE_DATA).map(([column, deviation]) => ({
    id: `told-when-sold:${column}`,
    says: `${column} is not null for usage and purchases that correct nothing.`,
    versions: FOCUS_VERSIONS,
    deviation,
    isBroken: () => `${SOLD} AND ${column} IS NULL`,
  })),
  ...Object.entries(NOT_IN_ANY_DATA).map(([column, deviation]) => ({
    id: `told:${column}`,
    says: `${column} is not null.`,
    versions: FOCUS_VERSIONS,
    deviation,
    isBroken: () => `${column} IS NULL`,
  })),
  {
    id: 'told-when-used:ConsumedQuantity',
    says: 'ConsumedQuantity is not null for usage that corrects nothing.',
    versions: FOCUS_VERSIONS,
    deviation: 'The provider tells no quantity for some charges.',
    isBroken: () =>
      `ChargeCategory = 'Usage' AND ChargeClass IS NULL AND ConsumedQuantity IS NULL
       AND (CommitmentDiscountStatus IS NULL OR CommitmentDiscountStatus <> 'Unused')`,
  },
  ...NEEDS_PRICE.map((column) => ({
    id: `null-without-price:${column}`,
    says: `${column} is null where SkuPriceId is.`,
    versions: ['1.4'] as const,
    isBroken: () => `${column} IS NOT NULL AND SkuPriceId IS NULL`,
  })),
  ...(['ContractedUnitPrice', 'ListUnitPrice'] as const).map((column) => ({
    id: `told-with-price:${column}`,
    says: `${column} is not null where SkuPriceId is not, be it a correction.`,
    versions: ['1.4'] as const,
    deviation: NOT_IN_THE_DATA[column],
    isBroken: () => `SkuPriceId IS NOT NULL AND ${column} IS NULL`,
  })),
  {
    id: 'not-repeated:ResourceName',
    says: 'ResourceName is null rather than the ResourceId again.',
    versions: FOCUS_VERSIONS,
    isBroken: () => 'ResourceName = ResourceId',
  },
];
