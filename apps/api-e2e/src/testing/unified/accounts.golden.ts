import type { TableWriter } from '@pipelines/pipeline';
import type { RowText } from '@pipelines/pipeline/testing';
import { ANTHROPIC_COSTS_SCHEMA, ANTHROPIC_USAGE_MESSAGES_SCHEMA } from '@pipelines/processors-anthropic';
import { aSource, aUnifiedGolden } from './unified-golden.ts';

const LOADED = { _run_id: 'run-6', _loaded_at: '2027-01-01T02:00:00Z' };
const DAY = '2026-12-31';

const COSTS = (name: string) => ({ ...LOADED, _pipeline: `anthropic/cost/${name}` });
const USAGE = (name: string) => ({ ...LOADED, _pipeline: `anthropic/api/${name}` });

/** Output tokens of one model in the default workspace, which every account has. */
function aCost(amount: string): Record<string, unknown> {
  return {
    usage_date: DAY,
    workspace_id: null,
    description: 'Claude Opus output tokens',
    cost_type: 'tokens',
    token_type: 'output_tokens',
    model: 'claude-opus-4-7',
    service_tier: 'standard',
    context_window: '0-200k',
    amount,
    amount_text: `${amount}00`,
    currency: 'USD',
  };
}

function aUsage(output_tokens: number): Record<string, unknown> {
  return {
    usage_date: DAY,
    workspace_id: null,
    model: 'claude-opus-4-7',
    service_tier: 'standard',
    context_window: '0-200k',
    output_tokens,
  };
}

const WRITERS: readonly TableWriter[] = [
  aWriter('cost/daily', 'AnthropicCostsProcessor', 'anthropic_costs', 'default'),
  aWriter('cost/eu', 'AnthropicCostsProcessor', 'anthropic_costs', 'eu'),
  aWriter('cost/us', 'AnthropicCostsProcessor', 'costs_of_us', 'us'),
  aWriter('api/eu', 'AnthropicUsageProcessor', 'anthropic_usage_messages', 'eu'),
  aWriter('api/eu_hourly', 'AnthropicUsageProcessor', 'usage_by_the_hour', 'eu'),
  aWriter('api/us', 'AnthropicUsageProcessor', 'usage_by_the_hour', 'us'),
];

function aWriter(name: string, processorClass: string, table: string, credentials: string): TableWriter {
  return { pipeline: `anthropic/${name}`, processorClass, table, credentials };
}

interface Told {
  readonly pipeline: string;
  readonly credential: string;
  readonly table: string;
  readonly account: string;
  readonly tokens: string | null;
  readonly millions: string | null;
  readonly price: string | null;
}

function aCharge(
  amount: string,
  { pipeline, credential, table, account, tokens, millions, price }: Told,
): RowText {
  return {
    BilledCost: amount,
    EffectiveCost: amount,
    ContractedCost: amount,
    ListCost: amount,
    PricingCurrencyEffectiveCost: amount,
    ContractedUnitPrice: price,
    PricingCurrencyContractedUnitPrice: price,
    ConsumedQuantity: tokens,
    ConsumedUnit: tokens && 'Tokens',
    PricingQuantity: millions,
    PricingUnit: millions && '1000000 Tokens',
    BillingAccountId: account,
    BillingAccountType: 'Organization',
    BillingCurrency: 'USD',
    BillingPeriodStart: '2026-12-01T00:00:00.000000Z',
    BillingPeriodEnd: '2027-01-01T00:00:00.000000Z',
    ChargeCategory: 'Usage',
    ChargeDescription: 'Claude Opus output tokens',
    ChargeFrequency: 'Usage-Based',
    ChargePeriodStart: '2026-12-31T00:00:00.000000Z',
    ChargePeriodEnd: '2027-01-01T00:00:00.000000Z',
    HostProviderName: 'Anthropic',
    InvoiceIssuerName: 'Anthropic',
    PricingCategory: 'Standard',
    PricingCurrency: 'USD',
    ProviderName: 'Anthropic',
    PublisherName: 'Anthropic',
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: 'Claude API',
    ServiceProviderName: 'Anthropic',
    ServiceSubcategory: 'Generative AI',
    SkuId: 'anthropic/claude-opus-4-7/output_tokens',
    SkuMeter: 'output_tokens',
    SkuPriceId: 'anthropic/claude-opus-4-7/output_tokens/standard/0-200k/default',
    x_ChargeDate: DAY,
    x_ContextWindow: '0-200k',
    x_CostType: 'tokens',
    x_Model: 'claude-opus-4-7',
    x_NativeAmount: `${amount}00`,
    x_ServiceTier: 'standard',
    x_SourceCredential: credential,
    x_SourceLoadedAt: '2027-01-01T02:00:00.000000Z',
    x_SourcePipeline: `anthropic/${pipeline}`,
    x_SourceRunId: 'run-6',
    x_SourceTable: table,
    x_TokenType: 'output_tokens',
    x_UnitPriceIsDerived: String(price !== null),
  };
}

/**
 * Three accounts that differ in nothing but their credential: two share a table, where the rows of one are of a release that
 * did not tell it, the third has tables of other names. One account's usage is loaded twice, by the day and by the hour.
 */
export const THREE_ACCOUNTS = aUnifiedGolden(
  {
    window: { start: DAY, end: '2027-01-01' },
    controlled: 3,
    writers: WRITERS,
    sources: [
      aSource('anthropic_costs', ANTHROPIC_COSTS_SCHEMA, [
        { ...aCost('7'), ...COSTS('daily') },
        { ...aCost('100'), ...COSTS('eu') },
      ]),
      aSource('costs_of_us', ANTHROPIC_COSTS_SCHEMA, [{ ...aCost('3'), ...COSTS('us'), _credential: 'us' }]),
      aSource('anthropic_usage_messages', ANTHROPIC_USAGE_MESSAGES_SCHEMA, [
        { ...aUsage(280_000), ...USAGE('daily'), _credential: 'default' },
        { ...aUsage(4_000_000), ...USAGE('eu'), _credential: 'eu' },
      ]),
      aSource('usage_by_the_hour', ANTHROPIC_USAGE_MESSAGES_SCHEMA, [
        { ...aUsage(3_000_000), ...USAGE('eu_hourly'), _credential: 'eu' },
        { ...aUsage(1_000_000), ...USAGE('eu_hourly'), _credential: 'eu' },
        { ...aUsage(120_000), ...USAGE('us'), _credential: 'us' },
      ]),
    ],
  },
  [
    aCharge('7', {
      pipeline: 'cost/daily',
      credential: 'default',
      table: 'anthropic_costs',
      account: 'acme',
      tokens: '280000',
      millions: '0.28',
      price: '25',
    }),
    aCharge('100', {
      pipeline: 'cost/eu',
      credential: 'eu',
      table: 'anthropic_costs',
      account: 'acme/eu',
      tokens: '4000000',
      millions: '4',
      price: '25',
    }),
    aCharge('3', {
      pipeline: 'cost/us',
      credential: 'us',
      table: 'costs_of_us',
      account: 'acme/us',
      tokens: '120000',
      millions: '0.12',
      price: '25',
    }),
  ],
);
