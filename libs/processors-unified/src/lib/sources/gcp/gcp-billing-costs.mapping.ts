import { jsonObject } from '../../sql/json-object.ts';
import { plainDecimalText } from '../../sql/plain-decimal.ts';
import type { SqlDialect } from '../../sql/sql-dialect.ts';
import { billingAccountId } from '../account.ts';
import { known } from '../known.ts';
import type { Charges, SourceMapping, SourceRelations } from '../source-mapping.ts';
import { gcpCommitmentColumns, withGcpCommitments } from './gcp-commitments.ts';
import { gcpPricingColumns, withGcpPricing } from './gcp-pricing.ts';
import { GCP_SERVICE_CATEGORIES, UNCATEGORIZED, type CategorizedServices } from './gcp-service-categories.ts';
import { creditsOf, tagsOf } from './gcp-tags.ts';

const GOOGLE = `'Google Cloud'`;
/** Fees of commitments are told by their names alone. */
const IS_FEE = `(sku_description LIKE 'Commitment%' OR sku_description LIKE 'Committed use%fee%')`;
const IS_BOUGHT = `(charge_category = 'Purchase' AND commitment_id IS NOT NULL)`;

/** One charge per row of the billing export, after the credits that it holds. */
export const GCP_BILLING_COSTS: SourceMapping = {
  provider: 'Google Cloud',
  costs: {
    table: 'gcp_billing_costs',
    processorClass: 'GcpBillingExportProcessor',
    day: 'usage_date',
    reads: {
      usage_start_time: 'TIMESTAMP',
      usage_end_time: 'TIMESTAMP',
      export_time: 'TIMESTAMP',
      invoice_month: 'STRING',
      invoice_publisher_type: 'STRING',
      billing_account_id: 'STRING',
      cost_type: 'STRING',
      service_id: 'STRING',
      service_description: 'STRING',
      sku_id: 'STRING',
      sku_description: 'STRING',
      project_id: 'STRING',
      project_number: 'STRING',
      project_name: 'STRING',
      location_region: 'STRING',
      location_zone: 'STRING',
      resource_name: 'STRING',
      resource_global_name: 'STRING',
      subscription_instance_id: 'STRING',
      currency: 'STRING',
      currency_conversion_rate: 'BIGNUMERIC',
      cost: 'BIGNUMERIC',
      net_cost: 'BIGNUMERIC',
      cost_at_list: 'BIGNUMERIC',
      cost_at_effective_price_default: 'BIGNUMERIC',
      usage_amount: 'NUMERIC',
      usage_unit: 'STRING',
      usage_amount_in_pricing_units: 'BIGNUMERIC',
      usage_pricing_unit: 'STRING',
      price_list_price: 'BIGNUMERIC',
      price_effective_price_default: 'BIGNUMERIC',
      price_effective_price: 'BIGNUMERIC',
      price_tier_start_amount: 'BIGNUMERIC',
      price_pricing_unit_quantity: 'BIGNUMERIC',
      consumption_model_id: 'STRING',
      consumption_model_description: 'STRING',
      adjustment_id: 'STRING',
      adjustment_description: 'STRING',
      adjustment_mode: 'STRING',
      adjustment_type: 'STRING',
      seller_name: 'STRING',
    },
    arrays: ['credits', 'labels', 'system_labels', 'project_labels', 'tags'],
  },
  money: { amount: 'net_cost', currency: 'currency' },
  charges,
};

function charges(sql: SqlDialect, { costs }: SourceRelations): Charges {
  const project = known(sql, 'project_id');
  const resource = known(sql, 'resource_global_name');
  const service = `COALESCE(${known(sql, 'service_description')}, ${GOOGLE})`;
  const seller = `COALESCE(${known(sql, 'seller_name')}, ${GOOGLE})`;
  return {
    from: withGcpPricing(
      sql,
      withGcpCommitments(
        sql,
        `(SELECT *, ${category(sql)} AS charge_category, ${month(sql)} AS bill_month, ${service} AS service_name FROM ${costs}) AS told`,
      ),
    ),
    columns: {
      ...gcpPricingColumns(sql),
      ...gcpCommitmentColumns(),
      BilledCost: 'net_cost',
      EffectiveCost: 'net_cost',
      BillingCurrency: 'currency',
      BillingAccountId: billingAccountId(sql, 'billing_account_id'),
      BillingAccountType: `'Billing Account'`,
      BillingPeriodStart: sql.startOfPacificMonth('bill_month'),
      BillingPeriodEnd: sql.startOfPacificMonth(`(${sql.nextMonth('bill_month')})`),
      ChargeCategory: 'charge_category',
      ChargeClass: `CASE WHEN adjustment_id IS NOT NULL THEN 'Correction' END`,
      ChargeDescription: `COALESCE(${known(sql, 'adjustment_description')}, ${known(sql, 'sku_description')}, service_name)`,
      ChargeFrequency: `CASE charge_category WHEN 'Usage' THEN 'Usage-Based' WHEN 'Purchase' THEN 'Recurring' ELSE 'One-Time' END`,
      ChargePeriodStart: 'usage_start_time',
      ChargePeriodEnd: `CASE WHEN usage_end_time > usage_start_time THEN usage_end_time ELSE usage_start_time + INTERVAL 1 HOUR END`,
      x_ChargeDate: 'usage_date',
      SubAccountId: project,
      SubAccountName: `CASE WHEN ${project} IS NOT NULL THEN COALESCE(${known(sql, 'project_name')}, ${project}) END`,
      SubAccountType: `CASE WHEN ${project} IS NOT NULL THEN 'Project' END`,
      ProviderName: GOOGLE,
      ServiceProviderName: GOOGLE,
      HostProviderName: GOOGLE,
      PublisherName: `CASE WHEN invoice_publisher_type = 'PARTNER' THEN ${seller} ELSE ${GOOGLE} END`,
      // Also what a partner sells is on Google's invoice, from which the cost comes.
      InvoiceIssuerName: GOOGLE,
      ServiceName: 'service_name',
      ServiceCategory: categorized(({ category: name }) => name, UNCATEGORIZED.category),
      ServiceSubcategory: categorized(({ subcategory }) => subcategory, UNCATEGORIZED.subcategory),
      RegionId: known(sql, 'location_region'),
      RegionName: known(sql, 'location_region'),
      AvailabilityZone: known(sql, 'location_zone'),
      // Who buys a commitment buys no other resource.
      ResourceId: `CASE WHEN ${IS_BOUGHT} THEN commitment_id ELSE ${resource} END`,
      ResourceName: `CASE WHEN ${IS_BOUGHT} THEN NULLIF(commitment_name, commitment_id)
        WHEN ${resource} IS NOT NULL THEN NULLIF(${known(sql, 'resource_name')}, ${resource}) END`,
      ResourceType: `CASE WHEN ${IS_BOUGHT} THEN 'commitments'
        WHEN ${resource} IS NOT NULL THEN COALESCE(${sql.extract('resource_global_name', '([^/]+)/[^/]+$')}, 'Resource') END`,
      Tags: tagsOf(sql),
      x_AdjustmentInfo: adjustmentOf(sql),
      x_ConsumptionModelId: 'consumption_model_id',
      x_CostBeforeCredits: 'cost',
      x_CostType: 'cost_type',
      x_Credits: creditsOf(sql),
      x_ExportTime: 'export_time',
      x_InvoiceMonth: 'invoice_month',
      x_NativeQuantity: plainDecimalText(sql, 'usage_amount'),
      x_ProjectNumber: 'project_number',
      x_QuantityUnit: 'usage_unit',
      x_ServiceId: 'service_id',
      x_UnitPriceIsDerived: 'FALSE',
    },
  };
}

/** What is sold has a SKU; a regular row without one is something else. */
function category(sql: SqlDialect): string {
  return `CASE WHEN cost_type = 'tax' THEN 'Tax'
    WHEN COALESCE(cost_type, 'regular') <> 'regular' OR ${known(sql, 'sku_id')} IS NULL THEN 'Adjustment'
    WHEN ${IS_FEE} THEN 'Purchase' ELSE 'Usage' END`;
}

/** Of a row whose invoice month is none the Pacific month of its usage, which is the invoice's unless it comes late. */
function month(sql: SqlDialect): string {
  return `COALESCE(${sql.extract('invoice_month', '^([0-9]{4}(?:0[1-9]|1[0-2]))$')}, ${sql.pacificMonth('usage_start_time')})`;
}

function categorized(value: (services: CategorizedServices) => string, otherwise: string): string {
  const cases = GCP_SERVICE_CATEGORIES.map((services) => {
    const isNamed = services.services.map((name) =>
      name.endsWith('*') ? `service_name LIKE '${name.slice(0, -1)}%'` : `service_name = '${name}'`,
    );
    return `WHEN ${isNamed.join(' OR ')} THEN '${value(services)}'`;
  });
  return `CASE ${cases.join('\n    ')} ELSE '${otherwise}' END`;
}

function adjustmentOf(sql: SqlDialect): string {
  const parts = ['description', 'id', 'mode', 'type'].map((part) => [part, `adjustment_${part}`]);
  const object = jsonObject(sql, Object.fromEntries(parts) as Record<string, string>);
  return `CASE WHEN adjustment_id IS NOT NULL THEN ${sql.parseJson(object)} END`;
}
