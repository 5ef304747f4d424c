import type { SqlDialect } from '../../sql/sql-dialect.ts';
import { generativeAiColumns, notForCredits } from '../generative-ai.ts';
import { known } from '../known.ts';
import type { Charges, SourceMapping, SourceRelations } from '../source-mapping.ts';

/** Token types of the cost report, and the counts of the usage report that they charge for. */
const COUNTS: Readonly<Record<string, string>> = {
  uncached_input_tokens: 'uncached_input_tokens',
  output_tokens: 'output_tokens',
  cache_read_input_tokens: 'cache_read_input_tokens',
  'cache_creation.ephemeral_5m_input_tokens': 'cache_creation_5m_input_tokens',
  'cache_creation.ephemeral_1h_input_tokens': 'cache_creation_1h_input_tokens',
};

/** Account and dimensions of tokens in both reports. The usage report has no room for `inference_geo`. */
const TOKEN_KEY = [
  '_credential',
  'CAST(usage_date AS STRING)',
  `COALESCE(workspace_id, '')`,
  `COALESCE(model, '')`,
  `COALESCE(service_tier, '')`,
  `COALESCE(context_window, '')`,
].join(` || '|' || `);

/** What both reports tell of web searches. */
const SEARCH_KEY = `_credential || '|' || CAST(usage_date AS STRING) || '|' || COALESCE(workspace_id, '')`;

/**
 * One charge per day, workspace and description. Quantities come from the usage report, where exactly one cost belongs to
 * them. Priority Tier is absent: the cost report leaves it out.
 */
export const ANTHROPIC_COSTS: SourceMapping = {
  provider: 'Anthropic',
  costs: {
    table: 'anthropic_costs',
    processorClass: 'AnthropicCostsProcessor',
    day: 'usage_date',
    reads: {
      organization_id: 'STRING',
      organization_name: 'STRING',
      workspace_id: 'STRING',
      default_workspace_id: 'STRING',
      workspace_name: 'STRING',
      description: 'STRING',
      cost_type: 'STRING',
      token_type: 'STRING',
      model: 'STRING',
      service_tier: 'STRING',
      context_window: 'STRING',
      inference_geo: 'STRING',
      amount: 'BIGNUMERIC',
      amount_text: 'STRING',
      currency: 'STRING',
    },
  },
  money: { amount: 'amount', currency: 'currency' },
  usage: {
    table: 'anthropic_usage_messages',
    processorClass: 'AnthropicUsageProcessor',
    day: 'usage_date',
    reads: {
      workspace_id: 'STRING',
      model: 'STRING',
      service_tier: 'STRING',
      context_window: 'STRING',
      uncached_input_tokens: 'INT64',
      cache_creation_5m_input_tokens: 'INT64',
      cache_creation_1h_input_tokens: 'INT64',
      cache_read_input_tokens: 'INT64',
      output_tokens: 'INT64',
      web_search_requests: 'INT64',
    },
  },
  charges,
};

function charges(sql: SqlDialect, relations: SourceRelations): Charges {
  const workspace = `COALESCE(${known(sql, 'workspace_id')}, ${known(sql, 'default_workspace_id')})`;
  const sku = `('anthropic/' || CASE WHEN token_type IS NULL THEN COALESCE(cost_type, 'other')
    ELSE COALESCE(model, 'any_model') || '/' || token_type END)`;
  const price = ['service_tier', 'context_window', 'inference_geo']
    .map((part) => ` || '/' || COALESCE(${part}, 'default')`)
    .join('');
  return {
    from: withPricing(sql, withUsage(sql, relations)),
    columns: {
      ...generativeAiColumns(sql, { provider: 'Anthropic', service: 'Claude API' }),
      ChargeDescription: `COALESCE(${known(sql, 'description')}, model || ' ' || token_type, cost_type, 'Claude API usage')`,
      SkuId: notForCredits(sku),
      SkuPriceId: notForCredits(sku + price),
      SkuMeter: notForCredits('COALESCE(token_type, cost_type)'),
      SubAccountId: workspace,
      SubAccountName: `CASE WHEN ${workspace} IS NOT NULL THEN COALESCE(${known(sql, 'workspace_name')}, ${workspace}) END`,
      SubAccountType: `CASE WHEN ${workspace} IS NOT NULL THEN 'Workspace' END`,
      x_ContextWindow: 'context_window',
      x_CostType: 'cost_type',
      x_InferenceGeo: 'inference_geo',
      x_Model: 'model',
      x_ServiceTier: 'service_tier',
      x_TokenType: 'token_type',
    },
  };
}

/**
 * Whether any row of the account and day names a workspace. Where no cost does and usage does, the costs are not grouped by
 * workspace, and their null does not stand for the default one.
 */
const NAMES_WORKSPACES = `MAX(CASE WHEN workspace_id IS NULL THEN 0 ELSE 1 END) OVER (PARTITION BY _credential, usage_date)`;

/** Each cost with the quantity that is used of it; a key that several costs share says of none how much it is. */
function withUsage(sql: SqlDialect, { costs, usage: usages }: SourceRelations): string {
  const usage = ofOneWriter(usages);
  const counts = Object.entries(COUNTS).map(([type, count]) => `WHEN '${type}' THEN ${count}`);
  return `(SELECT keyed.*,
      CAST(CASE
        WHEN costs_of_key > 1 OR COALESCE(tokens.usage_names, searches.usage_names) > costs_name THEN NULL
        WHEN token_type IS NOT NULL THEN CASE token_type ${counts.join(' ')} END
        WHEN cost_type = 'web_search' THEN searches.web_search_requests
      END AS ${sql.type('BIGNUMERIC')}) AS consumed_quantity,
      CASE WHEN token_type IS NOT NULL THEN 'Tokens' ELSE 'Requests' END AS consumed_unit
    FROM (SELECT *, ${TOKEN_KEY} AS token_key, ${SEARCH_KEY} AS search_key, ${NAMES_WORKSPACES} AS costs_name,
        COUNT(*) OVER (PARTITION BY CASE WHEN token_type IS NULL THEN ${SEARCH_KEY} ELSE ${TOKEN_KEY} END,
          COALESCE(token_type, ''), COALESCE(cost_type, '')) AS costs_of_key
      FROM ${costs}) AS keyed
    LEFT JOIN (SELECT ${TOKEN_KEY} AS usage_key, MAX(names) AS usage_names, ${sums(Object.values(COUNTS))}
      FROM ${usage} GROUP BY usage_key) AS tokens ON tokens.usage_key = keyed.token_key
    LEFT JOIN (SELECT ${SEARCH_KEY} AS usage_key, MAX(names) AS usage_names, ${sums(['web_search_requests'])}
      FROM ${usage} GROUP BY usage_key) AS searches ON searches.usage_key = keyed.search_key) AS consumed`;
}

/** Usage that several pipelines load of one account, by the day and by the hour for example, is counted once. */
function ofOneWriter(usages: string): string {
  const writer = `source_table || '/' || _pipeline`;
  return `(SELECT * FROM (SELECT *, ${NAMES_WORKSPACES} AS names, ${writer} AS writer, MIN(${writer}) OVER (PARTITION BY _credential, usage_date) AS first_writer
      FROM ${usages}) AS written WHERE writer = first_writer) AS counted`;
}

function withPricing(sql: SqlDialect, consumed: string): string {
  const isTokens = `consumed_unit = 'Tokens'`;
  const millions = sql.shifted('consumed_quantity', 6);
  const thousands = sql.shifted('consumed_quantity', 3);
  return `(SELECT *, CAST(CASE WHEN ${isTokens} THEN ${millions} ELSE ${thousands} END AS ${sql.type('BIGNUMERIC')}) AS pricing_quantity,
    CASE WHEN ${isTokens} THEN '1000000 Tokens' ELSE '1000 Requests' END AS pricing_unit FROM ${consumed}) AS priced`;
}

function sums(counts: readonly string[]): string {
  return counts.map((count) => `SUM(${count}) AS ${count}`).join(', ');
}
