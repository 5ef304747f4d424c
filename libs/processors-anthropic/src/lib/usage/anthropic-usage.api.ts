import type { JsonValue } from '@pipelines/pipeline';

/** A count of a Messages usage row. Total input is the sum of the four counts of input tokens. */
export type UsageCount =
  | 'uncached_input_tokens'
  | 'cache_creation_5m_input_tokens'
  | 'cache_creation_1h_input_tokens'
  | 'cache_read_input_tokens'
  | 'output_tokens'
  | 'web_search_requests';

/** The fields read of a row of `usage_report/messages`. */
export interface AnthropicMessagesUsage {
  readonly workspaceId: string | null;
  readonly apiKeyId: string | null;
  readonly model: string | null;
  readonly serviceTier: string | null;
  readonly contextWindow: string | null;
  readonly inferenceGeo: string | null;
  readonly counts: Readonly<Record<UsageCount, bigint | null>>;
}

/**
 * Reads one row. The counts of tokens are always there; those of the cache by lifetime and of server tools came later and
 * stay null where they are missing.
 * @throws PipelineError `provider_response_invalid`
 */
export function readMessagesUsage(result: JsonValue): AnthropicMessagesUsage {
  const text = (name: string): string | null => result.get(name).optional((value) => value.text());
  const within = (object: string, name: string): bigint | null =>
    result.get(object).optional((value) => value.get(name).optional((count) => count.integer()));
  return {
    workspaceId: text('workspace_id'),
    apiKeyId: text('api_key_id'),
    model: text('model'),
    serviceTier: text('service_tier'),
    contextWindow: text('context_window'),
    inferenceGeo: text('inference_geo'),
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
