/** Versions of the specification that the unified table serves, each by a view of its own. */
export const FOCUS_VERSIONS = ['1.2', '1.4'] as const;

/** A version of the FinOps Open Cost and Usage Specification. */
export type FocusVersion = (typeof FOCUS_VERSIONS)[number];

/** Types of the specification. A `Json` is an object; a `KeyValue` one whose values are single. */
export type FocusType = 'String' | 'Decimal' | 'DateTime' | 'Json' | 'KeyValue';

/** Whether every dataset has the column: always, should, or when the provider supports what it tells. */
type FocusLevel = 'Mandatory' | 'Recommended' | 'Conditional';

/** A column of the dataset "Cost and Usage". */
export interface FocusColumn {
  readonly name: string;
  readonly type: FocusType;
  readonly level: FocusLevel;
  readonly nullable: boolean;
  readonly versions: readonly FocusVersion[];
  readonly description: string;
}

/**
 * The columns of FOCUS 1.2 and 1.4, in the order of their names. Levels and nullability are those of the tagged
 * specification and the machine-readable requirements of its organization (FinOps-Open-Cost-and-Usage-Spec), where 1.4
 * is as drafted before its ratification.
 */
export const FOCUS_COLUMNS: readonly FocusColumn[] = [
  conditional('AllocatedMethodDetails', 'Json', 'How the provider split the charge', ['1.4']),
  conditional('AllocatedMethodId', 'String', 'Method by which the provider split the charge', ['1.4']),
  conditional('AllocatedResourceId', 'String', 'Resource that a share was allocated to', ['1.4']),
  conditional('AllocatedResourceName', 'String', 'Name of the resource that a share was allocated to', [
    '1.4',
  ]),
  conditional('AllocatedTags', 'KeyValue', 'Tags of the resource that a share was allocated to', ['1.4']),
  conditional('AvailabilityZone', 'String', 'Zone within the region'),
  mandatory('BilledCost', 'Decimal', 'What is invoiced, in BillingCurrency'),
  mandatory('BillingAccountId', 'String', "The provider's account that is billed"),
  mandatoryOrNull('BillingAccountName', 'String', 'Name of the billed account'),
  conditional('BillingAccountType', 'String', "The provider's word for what kind of account is billed"),
  mandatory('BillingCurrency', 'String', 'Currency of the invoice, ISO 4217'),
  mandatory('BillingPeriodEnd', 'DateTime', 'End of the invoiced period, exclusive, UTC'),
  mandatory('BillingPeriodStart', 'DateTime', 'Start of the invoiced period, inclusive, UTC'),
  conditional('CapacityReservationId', 'String', 'Capacity reservation that the charge belongs to'),
  conditional('CapacityReservationStatus', 'String', 'Whether the reservation was used: Used or Unused'),
  mandatory('ChargeCategory', 'String', 'Usage, Purchase, Tax, Credit or Adjustment'),
  mandatoryOrNull('ChargeClass', 'String', 'Correction for a change to what was invoiced before; else null'),
  mandatoryOrNull('ChargeDescription', 'String', 'What was charged, in words'),
  recommended('ChargeFrequency', 'String', 'One-Time, Recurring or Usage-Based'),
  mandatory('ChargePeriodEnd', 'DateTime', 'End of what is charged, exclusive, UTC'),
  mandatory('ChargePeriodStart', 'DateTime', 'Start of what is charged, inclusive, UTC'),
  conditional('CommitmentDiscountCategory', 'String', 'Whether the commitment is to Spend or Usage'),
  conditional('CommitmentDiscountId', 'String', 'Commitment that the charge belongs to'),
  conditional('CommitmentDiscountName', 'String', 'Name of the commitment'),
  conditional(
    'CommitmentDiscountQuantity',
    'Decimal',
    'How much of the commitment, in CommitmentDiscountUnit',
  ),
  conditional('CommitmentDiscountStatus', 'String', 'Whether the commitment was used: Used or Unused'),
  conditional('CommitmentDiscountType', 'String', "The provider's word for the kind of commitment"),
  conditional('CommitmentDiscountUnit', 'String', 'Unit of CommitmentDiscountQuantity'),
  conditional(
    'CommitmentProgramEligibilityDetails',
    'Json',
    'Commitment programs the charge is eligible for',
    ['1.4'],
  ),
  conditional('ConsumedQuantity', 'Decimal', 'How much was used, in ConsumedUnit'),
  conditional('ConsumedUnit', 'String', 'Unit of ConsumedQuantity'),
  conditional('ContractApplied', 'Json', 'Contract commitments that the charge draws on', ['1.4']),
  mandatory('ContractedCost', 'Decimal', 'Cost at negotiated prices, in BillingCurrency'),
  conditional('ContractedUnitPrice', 'Decimal', 'Negotiated price of one PricingUnit, in BillingCurrency'),
  mandatory(
    'EffectiveCost',
    'Decimal',
    'Cost with prepayments spread over what they cover, in BillingCurrency',
  ),
  mandatoryOrNull('HostProviderName', 'String', 'Who runs what the service runs on', ['1.4']),
  conditional('InvoiceDetailId', 'String', 'Line of the invoice', ['1.4']),
  { ...recommended('InvoiceId', 'String', 'Invoice that the charge is on'), nullable: true },
  mandatory('InvoiceIssuerName', 'String', 'Who sends the invoice'),
  mandatory('ListCost', 'Decimal', 'Cost at public prices, in BillingCurrency'),
  conditional('ListUnitPrice', 'Decimal', 'Public price of one PricingUnit, in BillingCurrency'),
  conditional('PricingCategory', 'String', 'How it is priced: Standard, Dynamic, Committed or Other'),
  { ...conditional('PricingCurrency', 'String', 'Currency of the price list'), nullable: false },
  conditional('PricingCurrencyContractedUnitPrice', 'Decimal', 'ContractedUnitPrice in PricingCurrency'),
  {
    ...conditional('PricingCurrencyEffectiveCost', 'Decimal', 'EffectiveCost in PricingCurrency'),
    nullable: false,
  },
  conditional('PricingCurrencyListUnitPrice', 'Decimal', 'ListUnitPrice in PricingCurrency'),
  mandatoryOrNull('PricingQuantity', 'Decimal', 'How much was priced, in PricingUnit'),
  mandatoryOrNull('PricingUnit', 'String', 'Unit of the price list'),
  mandatory('ProviderName', 'String', 'Who made the service available', ['1.2']),
  mandatory('PublisherName', 'String', 'Who produced the service', ['1.2']),
  conditional('RegionId', 'String', 'Region that the resource runs in'),
  conditional('RegionName', 'String', 'Name of the region'),
  conditional('ResourceId', 'String', 'Resource that was charged for'),
  conditional('ResourceName', 'String', 'Name of the resource'),
  conditional('ResourceType', 'String', 'Kind of the resource'),
  mandatory('ServiceCategory', 'String', 'Category of the service, as FOCUS names it'),
  mandatory('ServiceName', 'String', 'Service, as the provider names it'),
  mandatory('ServiceProviderName', 'String', 'Who provides the service', ['1.4']),
  recommended('ServiceSubcategory', 'String', 'Part of the category, as FOCUS names it'),
  conditional('SkuId', 'String', 'What was sold, whatever its price'),
  conditional('SkuMeter', 'String', 'What is measured of it'),
  conditional('SkuPriceDetails', 'KeyValue', 'Properties that the price depends on'),
  conditional('SkuPriceId', 'String', 'Price that applied'),
  conditional('SubAccountId', 'String', 'Part of the account that used it'),
  conditional('SubAccountName', 'String', 'Name of the sub-account'),
  conditional('SubAccountType', 'String', "The provider's word for what kind of sub-account it is"),
  conditional('Tags', 'KeyValue', 'Tags of the charge; those that are not the user’s own carry a prefix'),
];

/** The columns of a version, in the order of their names. */
export function focusColumns(version: FocusVersion): readonly FocusColumn[] {
  return FOCUS_COLUMNS.filter(({ versions }) => versions.includes(version));
}

type Definition = readonly [
  name: string,
  type: FocusType,
  description: string,
  versions?: readonly FocusVersion[],
];

function column(level: FocusLevel, nullable: boolean, definition: Definition): FocusColumn {
  const [name, type, description, versions = FOCUS_VERSIONS] = definition;
  return { name, type, level, nullable, versions, description };
}

function mandatory(...definition: Definition): FocusColumn {
  return column('Mandatory', false, definition);
}

function mandatoryOrNull(...definition: Definition): FocusColumn {
  return column('Mandatory', true, definition);
}

function recommended(...definition: Definition): FocusColumn {
  return column('Recommended', false, definition);
}

function conditional(...definition: Definition): FocusColumn {
  return column('Conditional', true, definition);
}
