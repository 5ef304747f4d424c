export { AnthropicProcessorsModule } from './lib/anthropic-processors.module.ts';
export type { AnthropicProcessorsOptions } from './lib/anthropic-processors.options.ts';
export { AnthropicCostsProcessor } from './lib/costs/anthropic-costs.processor.ts';
export { ANTHROPIC_COSTS_SCHEMA } from './lib/costs/anthropic-costs.schema.ts';
export { AnthropicUsageProcessor } from './lib/usage/anthropic-usage.processor.ts';
export { ANTHROPIC_USAGE_MESSAGES_SCHEMA } from './lib/usage/anthropic-usage.schema.ts';
