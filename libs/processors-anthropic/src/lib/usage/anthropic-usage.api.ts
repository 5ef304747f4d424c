import type { JsonValue } from '@pipelines/pipeline';

/** A count of a Messages usage row. Total input is the sum of the four counts of input tokens. */
export type UsageCount =
  | 'uncached_input_tokens'
  | 'cache_creation_5m_input_tokens'
  | 'cache_creation_1h_input_tokens'
  | 'cache_read_input_tokens'
  | 'output_tokens'
  | 'web_search_requests';

/**
 * Dimensions of a row; asked for, and together with the bucket the key of the table. The API takes five at most.
 * `inference_geo` is left out, since no other one says as little about prices.
 */
export const USAGE_DIMENSIONS = [
  'workspace_id',
  'api_key_id',
  'model',
  'service_tier',
  'context_window',
] as const;

/** All but the workspace: without it, all usage would seem to be that of the default one. */
export const OPTIONAL_USAGE_DIMENSIONS = ['model', 'service_tier', 'context_window', 'api_key_id'] as const;

/** The fields read of a row of `usage_report/messages`. */
export interface AnthropicMessagesUsage {
  readonly workspaceId: string | null;
  readonly apiKeyId: string | null;
  readonly model: string | null;
  readonly serviceTier: string | null;
  readonly contextWindow: string | null;
  readonly counts: Readonly<Record<UsageCount, bigint | null>>;
}

/**
 * Reads one row. The counts of tokens are always there; those of the cache by lifetime and of server tools came later and
 * stay null where they are missing.
 * @throws PipelineError `provider_response_invalid`
 */
export function readMessagesUsage(result: JsonValue): AnthropicMessagesUsage {
  const within = (object: string, name: string): bigint | null =>
    result.get(object).optional((value) => value.get(name).optional((count) => count.integer()));
  return {
    workspaceId: result.optionalText('workspace_id'),
    apiKeyId: result.optionalText('api_key_id'),
    model: result.optionalText('model'),
    serviceTier: result.optionalText('service_tier'),
    contextWindow: result.optionalText('context_window'),
    counts: {
      uncached_input_tokens: result.get('uncached_input_tokens').integer(),
      cache_creation_5m_input_tokens: within('cache_creation', 'ephemeral_5m_input_tokens'),
      cache_creation_1h_input_tokens: within('cache_creation', 'ephemeral_1h_input_tokens'),
      cache_read_input_tokens: result.get('cache_read_input_tokens').integer(),
      output_tokens: result.get('output_tokens').integer(),
      web_search_requests: within('server_tool_use', 'web_search_requests'),
    },
  };
}
