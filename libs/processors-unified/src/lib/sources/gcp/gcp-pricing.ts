import { plainDecimalText } from '../../sql/plain-decimal.ts';
import type { SqlDialect } from '../../sql/sql-dialect.ts';
import { known } from '../known.ts';
import { PRICING_UNITS, USAGE_UNITS } from './gcp-units.ts';

const SOLD = `charge_category IN ('Usage', 'Purchase')`;
/** Half of what the product of price and quantity may miss the cost by, for the rounding of binary floats. */
const TOLERANCE = '5e-10';

/**
 * The relation with `pricing_quantity` and `pricing_unit`, `contracted_cost` and `list_cost`, and the prices that give
 * these costs. A price of a tier, or of a cost that was rounded, gives another: it is left out, because a null is better
 * than a false product.
 * @param told With `is_committed`.
 */
export function withGcpPricing(sql: SqlDialect, told: string): string {
  const decimal = (value: string): string => `CAST(${value} AS ${sql.type('BIGNUMERIC')})`;
  const each = `CASE WHEN price_pricing_unit_quantity >= 1 AND price_pricing_unit_quantity = FLOOR(price_pricing_unit_quantity)
    THEN price_pricing_unit_quantity ELSE 1 END`;
  const units = `(SELECT *, ${decimal(each)} AS price_units, ${unitIn(PRICING_UNITS, 'usage_pricing_unit')} AS unit_name,
    ${decimal(costAt('cost_at_effective_price_default'))} AS contracted_cost, ${decimal(costAt('cost_at_list'))} AS list_cost
    FROM ${told}) AS with_units`;
  const whole = `CAST(CAST(price_units AS ${sql.type('INT64')}) AS ${sql.type('STRING')})`;
  const quantities = `(SELECT *,
    CASE WHEN ${SOLD} AND unit_name IS NOT NULL AND usage_amount_in_pricing_units IS NOT NULL THEN
      CASE WHEN price_units = 1 THEN usage_amount_in_pricing_units
      ELSE ${sql.quotient('usage_amount_in_pricing_units', 'price_units')} END END AS pricing_quantity,
    CASE WHEN price_units = 1 THEN unit_name ELSE ${whole} || ' ' || unit_name END AS pricing_unit
    FROM ${units}) AS with_quantities`;
  return `(SELECT *,
    ${priceThatGives(sql, 'COALESCE(price_effective_price_default, price_effective_price)', 'contracted_cost')} AS contracted_price,
    ${priceThatGives(sql, 'price_list_price', 'list_cost')} AS list_price
    FROM ${quantities}) AS priced`;
}

/** The columns that follow from {@link withGcpPricing}. */
export function gcpPricingColumns(sql: SqlDialect): Readonly<Record<string, string>> {
  const isConverted = 'currency_conversion_rate > 0';
  const inUsd = (amount: string): string => sql.quotient(amount, 'currency_conversion_rate');
  const consumedUnit = unitIn(USAGE_UNITS, 'usage_unit');
  const isConsumed = `charge_category = 'Usage' AND usage_amount IS NOT NULL AND ${consumedUnit} IS NOT NULL`;
  const model = `COALESCE(${known(sql, 'consumption_model_id')}, 'default')`;
  const sku = known(sql, 'sku_id');
  const tier = plainDecimalText(sql, `COALESCE(price_tier_start_amount, 0)`);
  const ofSku = (value: string): string => `CASE WHEN charge_category <> 'Tax' THEN ${value} END`;
  return {
    ContractedCost: 'contracted_cost',
    ListCost: 'list_cost',
    ContractedUnitPrice: 'contracted_price',
    ListUnitPrice: 'list_price',
    PricingQuantity: 'pricing_quantity',
    PricingUnit: 'CASE WHEN pricing_quantity IS NOT NULL THEN pricing_unit END',
    PricingCategory: `CASE WHEN ${SOLD} THEN ${pricingCategory()} END`,
    PricingCurrency: `CASE WHEN ${isConverted} THEN 'USD' ELSE currency END`,
    PricingCurrencyEffectiveCost: `CASE WHEN ${isConverted} THEN ${inUsd('net_cost')} ELSE net_cost END`,
    PricingCurrencyContractedUnitPrice: `CASE WHEN ${isConverted} THEN ${inUsd('contracted_price')} ELSE contracted_price END`,
    PricingCurrencyListUnitPrice: `CASE WHEN ${isConverted} THEN ${inUsd('list_price')} ELSE list_price END`,
    ConsumedQuantity: `CASE WHEN ${isConsumed} THEN usage_amount END`,
    ConsumedUnit: `CASE WHEN ${isConsumed} THEN ${consumedUnit} END`,
    SkuId: ofSku(sku),
    SkuMeter: ofSku(`CASE WHEN ${sku} IS NOT NULL THEN ${known(sql, 'sku_description')} END`),
    SkuPriceId: `CASE WHEN ${SOLD} THEN ${sku} || '/' || ${model} || '/' || (${tier}) END`,
  };
}

/** Taxes and adjustments have no price: what they cost is what is billed. */
function costAt(column: string): string {
  return `CASE WHEN ${SOLD} THEN COALESCE(${column}, cost) ELSE net_cost END`;
}

function priceThatGives(sql: SqlDialect, price: string, cost: string): string {
  const [each, quantity, whole] = [price, 'pricing_quantity', cost].map(sql.float);
  return `CASE WHEN ${price} >= 0
    AND ABS(${each} * ${quantity} - ${whole}) <= ${TOLERANCE} * GREATEST(1, ABS(${whole})) THEN ${price} END`;
}

function pricingCategory(): string {
  const isSpare = `sku_description LIKE '%Spot%' OR sku_description LIKE '%Preemptible%'`;
  return `CASE WHEN is_committed THEN 'Committed' WHEN ${isSpare} THEN 'Dynamic' ELSE 'Standard' END`;
}

function unitIn(units: Readonly<Record<string, string>>, column: string): string {
  return `CASE ${column} ${Object.entries(units)
    .map(([name, unit]) => `WHEN '${name}' THEN '${unit}'`)
    .join(' ')} END`;
}
