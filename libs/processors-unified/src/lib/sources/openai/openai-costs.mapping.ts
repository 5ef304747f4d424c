import { plainDecimalText } from '../../sql/plain-decimal.ts';
import type { SqlDialect } from '../../sql/sql-dialect.ts';
import { generativeAiColumns, notForCredits } from '../generative-ai.ts';
import { known } from '../known.ts';
import type { Charges, SourceMapping, SourceRelations } from '../source-mapping.ts';

/** Units of OpenAI as FOCUS writes them, and how many of them one is. What is not listed is not converted. */
const UNITS: Readonly<Record<string, readonly [unit: string, each: number]>> = {
  tokens: ['Tokens', 1],
  '1000_tokens': ['Tokens', 1000],
  duration_seconds: ['Seconds', 1],
  duration_minutes: ['Minutes', 1],
  duration_hours: ['Hours', 1],
  gibibyte_hours: ['GiB-Hours', 1],
  images: ['Images', 1],
  characters: ['Characters', 1],
};

/** The price list is per million tokens. */
const MILLION_DIGITS = 6;

/** What the SKU is called where OpenAI does not itemise a cost. */
const NOT_ITEMISED = `'OpenAI API usage'`;

/** One charge per day, project, API key, line item and currency. */
export const OPENAI_COSTS: SourceMapping = {
  provider: 'OpenAI',
  costs: {
    table: 'openai_costs',
    processorClass: 'OpenAiCostsProcessor',
    day: 'usage_date',
    reads: {
      organization_id: 'STRING',
      organization_name: 'STRING',
      project_id: 'STRING',
      project_name: 'STRING',
      api_key_id: 'STRING',
      api_key_name: 'STRING',
      user_id: 'STRING',
      line_item: 'STRING',
      service_tier: 'STRING',
      product: 'STRING',
      model: 'STRING',
      meter: 'STRING',
      quantity: 'BIGNUMERIC',
      quantity_unit: 'STRING',
      amount: 'BIGNUMERIC',
      amount_text: 'STRING',
      currency: 'STRING',
    },
  },
  money: { amount: 'amount', currency: 'currency' },
  charges,
};

function charges(sql: SqlDialect, { costs }: SourceRelations): Charges {
  const item = `COALESCE(${known(sql, 'line_item')}, ${NOT_ITEMISED})`;
  const project = known(sql, 'project_id');
  const sku = `COALESCE(product || ', ' || meter, product, ${item})`;
  return {
    from: withPricing(sql, withConsumption(sql, costs)),
    columns: {
      ...generativeAiColumns(sql, { provider: 'OpenAI', service: 'OpenAI API' }),
      ChargeDescription: item,
      SkuId: notForCredits(`'openai/' || ${sku}`),
      SkuPriceId: notForCredits(`'openai/' || ${item}`),
      SkuMeter: notForCredits(`COALESCE(meter, ${item})`),
      SubAccountId: project,
      SubAccountName: `CASE WHEN ${project} IS NOT NULL THEN COALESCE(${known(sql, 'project_name')}, ${project}) END`,
      SubAccountType: `CASE WHEN ${project} IS NOT NULL THEN 'Project' END`,
      x_ApiKeyId: 'api_key_id',
      x_ApiKeyName: 'api_key_name',
      x_LineItem: 'line_item',
      x_Model: 'model',
      x_NativeQuantity: plainDecimalText(sql, 'quantity'),
      x_QuantityUnit: 'quantity_unit',
      x_ServiceTier: 'service_tier',
      x_UserId: 'user_id',
    },
  };
}

function withConsumption(sql: SqlDialect, costs: string): string {
  const per = (value: (unit: string, each: number) => string): string => {
    const cases = Object.entries(UNITS).map(([name, unit]) => `WHEN '${name}' THEN ${value(...unit)}`);
    return `CASE quantity_unit ${cases.join(' ')} END`;
  };
  const quantity = per((_unit, each) => (each === 1 ? 'quantity' : `quantity * ${each}`));
  return `(SELECT *, CAST(${quantity} AS ${sql.type('BIGNUMERIC')}) AS consumed_quantity,
    ${per((unit) => `'${unit}'`)} AS consumed_unit FROM ${costs}) AS consumed`;
}

function withPricing(sql: SqlDialect, consumed: string): string {
  const isTokens = `consumed_unit = 'Tokens'`;
  const millions = sql.shifted('consumed_quantity', MILLION_DIGITS);
  return `(SELECT *,
    CAST(CASE WHEN ${isTokens} THEN ${millions} ELSE consumed_quantity END AS ${sql.type('BIGNUMERIC')}) AS pricing_quantity,
    CASE WHEN ${isTokens} THEN '1000000 Tokens' ELSE consumed_unit END AS pricing_unit FROM ${consumed}) AS priced`;
}
