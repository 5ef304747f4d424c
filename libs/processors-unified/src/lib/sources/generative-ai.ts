import type { SqlDialect } from '../sql/sql-dialect.ts';
import { billingAccountId } from './account.ts';
import { known } from './known.ts';

/** A provider of models that bills whole UTC days and calendar months, and sells what it makes and runs itself. */
export interface GenerativeAiProvider {
  readonly provider: string;
  readonly service: string;
}

/**
 * The columns that follow from `amount`, `currency`, `usage_date`, `consumed_quantity`, `consumed_unit`,
 * `pricing_quantity` and `pricing_unit` of a relation, for charges without a price list: a negative amount is a credit,
 * which has neither SKU nor quantities, and the only price is the amount by the quantity.
 */
export function generativeAiColumns(
  sql: SqlDialect,
  { provider, service }: GenerativeAiProvider,
): Readonly<Record<string, string>> {
  const name = `'${provider}'`;
  const priced = 'amount >= 0 AND COALESCE(pricing_quantity, 0) > 0';
  const unitPrice = `CASE WHEN ${priced} THEN ${sql.quotient('amount', 'pricing_quantity')} END`;
  const month = sql.startOfMonth('usage_date');
  return {
    BilledCost: 'amount',
    EffectiveCost: 'amount',
    ContractedCost: 'amount',
    ListCost: 'amount',
    BillingCurrency: 'currency',
    PricingCurrency: 'currency',
    PricingCurrencyEffectiveCost: 'amount',
    ContractedUnitPrice: unitPrice,
    PricingCurrencyContractedUnitPrice: unitPrice,
    x_UnitPriceIsDerived: priced,
    ChargeCategory: `CASE WHEN amount < 0 THEN 'Credit' ELSE 'Usage' END`,
    ChargeFrequency: `CASE WHEN amount < 0 THEN 'One-Time' ELSE 'Usage-Based' END`,
    ChargePeriodStart: 'CAST(usage_date AS TIMESTAMP)',
    ChargePeriodEnd: 'CAST(DATE_ADD(usage_date, INTERVAL 1 DAY) AS TIMESTAMP)',
    BillingPeriodStart: `CAST(${month} AS TIMESTAMP)`,
    BillingPeriodEnd: `CAST(DATE_ADD(${month}, INTERVAL 1 MONTH) AS TIMESTAMP)`,
    x_ChargeDate: 'usage_date',
    ConsumedQuantity: notForCredits('consumed_quantity'),
    ConsumedUnit: notForCredits('CASE WHEN consumed_quantity IS NOT NULL THEN consumed_unit END'),
    PricingQuantity: notForCredits('pricing_quantity'),
    PricingUnit: notForCredits('CASE WHEN pricing_quantity IS NOT NULL THEN pricing_unit END'),
    PricingCategory: notForCredits(`'Standard'`),
    ProviderName: name,
    PublisherName: name,
    ServiceProviderName: name,
    HostProviderName: name,
    InvoiceIssuerName: name,
    ServiceName: `'${service}'`,
    ServiceCategory: `'AI and Machine Learning'`,
    ServiceSubcategory: `'Generative AI'`,
    BillingAccountId: billingAccountId(sql, 'organization_id'),
    BillingAccountName: known(sql, 'organization_name'),
    BillingAccountType: `'Organization'`,
    x_NativeAmount: 'amount_text',
  };
}

/** The value, but null where the charge is a credit. */
export function notForCredits(value: string): string {
  return `CASE WHEN amount >= 0 THEN ${value} END`;
}
