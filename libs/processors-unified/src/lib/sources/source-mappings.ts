import { ANTHROPIC_COSTS } from './anthropic/anthropic-costs.mapping.ts';
import { GCP_BILLING_COSTS } from './gcp/gcp-billing-costs.mapping.ts';
import { OPENAI_COSTS } from './openai/openai-costs.mapping.ts';
import type { SourceMapping } from './source-mapping.ts';

/** Every source of the unified table. A provider's costs are added here. */
export const SOURCE_MAPPINGS: readonly SourceMapping[] = [OPENAI_COSTS, GCP_BILLING_COSTS, ANTHROPIC_COSTS];
