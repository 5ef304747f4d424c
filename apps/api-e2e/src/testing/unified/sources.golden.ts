import type { TableSchema } from '@pipelines/pipeline';
import type { RowText } from '@pipelines/pipeline/testing';
import { aSource, aUnifiedGolden } from './unified-golden.ts';

/** Tables of an older release, which know nothing but days and money. */
const MONEY: Pick<TableSchema, 'columns'> = {
  columns: [
    { name: 'usage_date', type: 'DATE', description: 'Day' },
    { name: 'amount', type: 'BIGNUMERIC', description: 'Cost' },
    { name: 'currency', type: 'STRING', description: 'Currency' },
  ],
};

function aCost(usage_date: string, amount: string, _loaded_at: string): Record<string, unknown> {
  return { usage_date, amount, currency: 'USD', _run_id: 'run-4', _pipeline: 'any/cost/daily', _loaded_at };
}

function aCharge(provider: 'OpenAI' | 'Anthropic', day: 1 | 2, amount: string, loadedAt: string): RowText {
  const isOpenAi = provider === 'OpenAI';
  const sku = isOpenAi ? 'openai/OpenAI API usage' : 'anthropic/other';
  return {
    BilledCost: amount,
    EffectiveCost: amount,
    ContractedCost: amount,
    ListCost: amount,
    PricingCurrencyEffectiveCost: amount,
    BillingCurrency: 'USD',
    PricingCurrency: 'USD',
    BillingAccountId: 'acme',
    BillingAccountType: 'Organization',
    BillingPeriodStart: '2028-02-01T00:00:00.000000Z',
    BillingPeriodEnd: '2028-03-01T00:00:00.000000Z',
    ChargePeriodStart: `2028-02-0${day}T00:00:00.000000Z`,
    ChargePeriodEnd: `2028-02-0${day + 1}T00:00:00.000000Z`,
    ChargeCategory: 'Usage',
    ChargeFrequency: 'Usage-Based',
    ChargeDescription: isOpenAi ? 'OpenAI API usage' : 'Claude API usage',
    HostProviderName: provider,
    InvoiceIssuerName: provider,
    PricingCategory: 'Standard',
    ProviderName: provider,
    PublisherName: provider,
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: isOpenAi ? 'OpenAI API' : 'Claude API',
    ServiceProviderName: provider,
    ServiceSubcategory: 'Generative AI',
    SkuId: sku,
    SkuPriceId: isOpenAi ? sku : 'anthropic/other/default/default/default',
    SkuMeter: isOpenAi ? 'OpenAI API usage' : null,
    x_ChargeDate: `2028-02-0${day}`,
    x_SourceLoadedAt: `${loadedAt.slice(0, -1)}.000000Z`,
    x_SourceCredential: 'default',
    x_SourcePipeline: 'any/cost/daily',
    x_SourceRunId: 'run-4',
    x_SourceTable: isOpenAi ? 'openai_costs' : 'anthropic_costs',
    x_UnitPriceIsDerived: 'false',
  };
}

const BEFORE = '2028-03-09T11:59:59Z';
const SINCE = '2028-03-09T12:00:01Z';

/**
 * The first of February is loaded anew by one source a day before the watermark, less a second; so all sources' rows of
 * that day are built, and those of the next are not.
 */
export const ALL_SOURCES = aUnifiedGolden(
  {
    window: { start: '2028-03-10', end: '2028-03-11' },
    watermark: '2028-03-10T12:00:00.000000Z',
    controlled: 2,
    sources: [
      aSource('openai_costs', MONEY, [aCost('2028-02-01', '1', BEFORE), aCost('2028-02-02', '2', BEFORE)]),
      aSource('anthropic_costs', MONEY, [aCost('2028-02-01', '3', SINCE), aCost('2028-02-02', '4', BEFORE)]),
    ],
  },
  [aCharge('OpenAI', 1, '1', BEFORE), aCharge('Anthropic', 1, '3', SINCE)],
);

/** An organization that has loaded nothing yet. */
export const NO_SOURCES = aUnifiedGolden(
  { window: { start: '2028-03-10', end: '2028-03-11' }, sources: [] },
  [],
);
