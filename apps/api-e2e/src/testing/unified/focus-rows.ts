import type { SourceTable } from '@pipelines/pipeline/testing';
import { FOCUS_UNIFIED_SCHEMA, focusColumns, type FocusVersion } from '@pipelines/processors-unified';

type FocusRow = Readonly<Record<string, string | null>>;

/** A charge that tells everything and meets every rule of both versions. */
const GOOD: FocusRow = {
  AllocatedMethodDetails: '{"share":{"of":"cpu"}}',
  AllocatedMethodId: 'by-cpu',
  AllocatedResourceId: 'pod-1',
  AllocatedResourceName: 'api',
  AllocatedTags: '{"team":"a"}',
  AvailabilityZone: 'us-central1-a',
  BilledCost: '3',
  BillingAccountId: '01AB23-CD45EF-678901',
  BillingAccountName: 'Acme',
  BillingAccountType: 'Billing Account',
  BillingCurrency: 'EUR',
  BillingPeriodEnd: '2026-12-01T08:00:00Z',
  BillingPeriodStart: '2026-11-01T07:00:00Z',
  CapacityReservationId: 'reservation-1',
  CapacityReservationStatus: 'Used',
  ChargeCategory: 'Usage',
  ChargeClass: null,
  ChargeDescription: 'N2 core',
  ChargeFrequency: 'Usage-Based',
  ChargePeriodEnd: '2026-11-01T01:00:00Z',
  ChargePeriodStart: '2026-11-01T00:00:00Z',
  CommitmentDiscountCategory: 'Spend',
  CommitmentDiscountId: 'commitment-1',
  CommitmentDiscountName: 'Three years',
  CommitmentDiscountQuantity: '1.5',
  CommitmentDiscountStatus: 'Used',
  CommitmentDiscountType: 'CUD',
  CommitmentDiscountUnit: 'Hours',
  CommitmentProgramEligibilityDetails: '{"CommitmentPrograms":[{"ProgramType":"CUD"}]}',
  ConsumedQuantity: '5400',
  ConsumedUnit: 'Seconds',
  ContractApplied: '{"Elements":[{"ContractId":"c"}]}',
  ContractedCost: '3',
  ContractedUnitPrice: '2',
  EffectiveCost: '3',
  HostProviderName: 'Google Cloud',
  InvoiceDetailId: 'line-1',
  InvoiceId: 'invoice-1',
  InvoiceIssuerName: 'Google Cloud',
  ListCost: '3.3000000005',
  ListUnitPrice: '2.2',
  PricingCategory: 'Standard',
  PricingCurrency: 'USD',
  PricingCurrencyContractedUnitPrice: '2.1',
  PricingCurrencyEffectiveCost: '3.15',
  PricingCurrencyListUnitPrice: '2.31',
  PricingQuantity: '1.5',
  PricingUnit: 'Hours',
  ProviderName: 'Google Cloud',
  PublisherName: 'Google Cloud',
  RegionId: 'us-central1',
  RegionName: 'Iowa',
  ResourceId: '//compute.googleapis.com/projects/p/instances/1',
  ResourceName: 'vm',
  ResourceType: 'instances',
  ServiceCategory: 'Compute',
  ServiceName: 'Compute Engine',
  ServiceProviderName: 'Google Cloud',
  ServiceSubcategory: 'Virtual Machines',
  SkuId: 'AAAA',
  SkuMeter: 'N2 core',
  SkuPriceDetails: '{"CoreCount":4,"x_Brace":"{[\\"}"}',
  SkuPriceId: 'AAAA/default/0',
  SubAccountId: 'project-1',
  SubAccountName: 'Project',
  SubAccountType: 'Project',
  Tags: '{"team":"a:\\"\\"","goog/\\"":true,"none":null}',
};

/** Charges of other categories, which meet every rule as well, and a longer unit. */
const ALSO_GOOD: readonly FocusRow[] = [
  {
    ChargeDescription: 'Fee',
    ChargeCategory: 'Purchase',
    ChargeFrequency: 'Recurring',
    EffectiveCost: '0',
    ResourceId: GOOD.CommitmentDiscountId!,
    ...withoutUse(),
  },
  { ChargeDescription: 'VAT', ChargeCategory: 'Tax', ChargeFrequency: 'One-Time', ...withoutPrice() },
  {
    ChargeDescription: 'Goodwill',
    ChargeCategory: 'Credit',
    ChargeFrequency: 'One-Time',
    ...withoutPrice(),
    ListCost: '3',
  },
  { ChargeClass: 'Correction', ConsumedUnit: 'Byte-Seconds', PricingUnit: '1000000 Tokens' },
  { ConsumedUnit: 'GiB', PricingUnit: 'Units/3 Months' },
];

function withoutUse(): FocusRow {
  return { ConsumedQuantity: null, ConsumedUnit: null };
}

function withoutPrice(): FocusRow {
  const empty = [
    'SkuId',
    'SkuPriceId',
    'SkuMeter',
    'SkuPriceDetails',
    'PricingCategory',
    'PricingQuantity',
    'PricingUnit',
    'ContractedUnitPrice',
    'ListUnitPrice',
    'PricingCurrencyContractedUnitPrice',
    'PricingCurrencyListUnitPrice',
    'CommitmentDiscountQuantity',
    'CommitmentDiscountUnit',
  ];
  return { ...withoutUse(), ...Object.fromEntries(empty.map((name) => [name, null])) };
}

/** What to change of the good charge so that it breaks a rule; derived from the rule's id where that tells. */
const BREAKS: Readonly<Record<string, FocusRow>> = {
  'allowed-value:ServiceSubcategory': { ServiceSubcategory: 'Containers and more' },
  'unit:ConsumedUnit': { ConsumedUnit: 'seconds' },
  'unit:PricingUnit': { PricingUnit: '1,000 Tokens' },
  'unit:CommitmentDiscountUnit': { CommitmentDiscountUnit: 'Hours per Day' },
  'currency:BillingCurrency': { BillingCurrency: 'eur' },
  'currency:PricingCurrency': { PricingCurrency: 'XYZ' },
  'null-unless-usage:ConsumedQuantity': { ChargeCategory: 'Adjustment' },
  'told-when-used:ConsumedQuantity': { ConsumedQuantity: null },
  'status-of-usage:CapacityReservationStatus': { CapacityReservationStatus: null },
  'status-of-usage:CommitmentDiscountStatus': { CommitmentDiscountStatus: null },
  'not-repeated:ResourceName': { ResourceName: GOOD.ResourceId! },
  'half-open:BillingPeriod': { BillingPeriodEnd: GOOD.BillingPeriodStart! },
  'half-open:ChargePeriod': { ChargePeriodEnd: '2026-10-31T23:59:59Z' },
  'purchase-frequency': { ChargeCategory: 'Purchase', ...withoutUse() },
  'billed-by-issuer:BilledCost': { InvoiceIssuerName: 'A reseller' },
  'covers-the-future:EffectiveCost': { ChargeCategory: 'Purchase' },
  'product:ContractedCost': { ContractedCost: '3.00000001' },
  'product:ListCost': { ListCost: '3.3000001' },
  'effective-as-billed:Tax': { ChargeCategory: 'Tax', EffectiveCost: '2' },
  'effective-as-billed:Credit': { ChargeCategory: 'Credit', EffectiveCost: '2' },
  'effective-as-billed:Usage': {
    EffectiveCost: '2',
    CommitmentDiscountId: null,
    CommitmentDiscountCategory: null,
  },
  'credit-as-billed:ContractedCost': {
    ChargeCategory: 'Credit',
    ContractedUnitPrice: null,
    ContractedCost: '2',
  },
  'credit-as-billed:ListCost': { ChargeCategory: 'Credit', ListUnitPrice: null, ListCost: '2' },
  'one-category:ServiceName': { ServiceCategory: 'Web', ServiceSubcategory: 'Application Platforms' },
  'one-subcategory:ServiceName': { ServiceSubcategory: 'Containers' },
  'own-account:BillingAccountId': { BillingAccountId: 'acme' },
  'named:RegionName': { RegionName: GOOD.RegionId! },
  'told-when-committed:CommitmentDiscountId': { PricingCategory: 'Committed', CommitmentDiscountId: null },
  'told-with-commitment:CommitmentDiscountQuantity': { CommitmentDiscountQuantity: null },
  'null-unless-sold:CommitmentDiscountQuantity': { ChargeCategory: 'Adjustment' },
  'resource-of-commitment:ResourceId': { CommitmentDiscountStatus: 'Unused', ...withoutUse() },
  'one-sku:SkuPriceId': { SkuId: 'BBBB' },
};

/** The change that breaks the rule. */
function changeThatBreaks(rule: string): FocusRow {
  const [family, column] = rule.split(':') as [string, string];
  switch (family) {
    case 'not-null':
    case 'null-together':
    case 'told-when-sold':
    case 'told':
      return { [column]: null };
    case 'not-blank':
      return { [column]: ' \t\u00a0' };
    case 'told-with-price':
      return { ChargeClass: 'Correction', [column]: null };
    case 'null-without':
      return { [NEEDED[column]!]: null };
    case 'null-without-price':
      return { SkuPriceId: null };
    case 'null-for-tax':
      return { ChargeCategory: 'Tax' };
    case 'not-negative':
      return { [column]: '-0.000000001' };
    case 'object':
      return { [column]: '[1]' };
    case 'no-empty-text':
      return { [column]: '{"team":"a","spare":""}' };
    case 'flat-object':
      return { [column]: '{"team":{"name":"a"}}' };
  }
  const change = BREAKS[rule] ?? (family === 'allowed-value' ? { [column]: 'Nonsense' } : undefined);
  if (change) return change;
  throw new Error(`No row breaks the rule ${rule} yet. Say how one does.`);
}

const NEEDED: Readonly<Record<string, string>> = {
  CapacityReservationStatus: 'CapacityReservationId',
  CommitmentDiscountName: 'CommitmentDiscountId',
  CommitmentDiscountStatus: 'CommitmentDiscountId',
  CommitmentDiscountQuantity: 'CommitmentDiscountId',
  ResourceName: 'ResourceId',
  SkuMeter: 'SkuId',
  SkuPriceDetails: 'SkuPriceId',
};

/**
 * A table of good charges, and of each given rule one that is good but for what breaks it. The column `breaks` names the
 * rule; it is empty for the good ones.
 */
export function focusRows(version: FocusVersion, rules: readonly string[]): SourceTable {
  const columns = focusColumns(version).map(({ name }) => name);
  const rowOf = (change: FocusRow, breaks: string): Record<string, unknown> => {
    const charge: FocusRow = { ...GOOD, ...change };
    const values = columns.map((name) => [name, jsonValue(version, name, charge[name]!)]);
    return { ...Object.fromEntries(values), breaks };
  };
  return {
    table: `rows_${version.replace('.', '_')}`,
    fields: [
      ...columns.map((name) => ({ name, type: typeOf(name) })),
      { name: 'breaks', type: 'STRING' as const },
    ],
    rows: [
      ...[{}, ...ALSO_GOOD].map((change) => rowOf(change, '')),
      ...rules.map((rule) => rowOf(changeThatBreaks(rule), rule)),
    ],
  };
}

function typeOf(name: string): SourceTable['fields'][number]['type'] {
  return FOCUS_UNIFIED_SCHEMA.columns.find((column) => column.name === name)!.type;
}

/** JSON is loaded as what it is, not as its text. */
function jsonValue(version: FocusVersion, name: string, value: string | null): unknown {
  const { type } = focusColumns(version).find((column) => column.name === name)!;
  return value !== null && (type === 'Json' || type === 'KeyValue') ? (JSON.parse(value) as unknown) : value;
}
