export { AnthropicProcessorsModule } from './lib/anthropic-processors.module.ts';
export type { AnthropicProcessorsOptions } from './lib/anthropic-processors.options.ts';
export { AnthropicCostsProcessor } from './lib/costs/anthropic-costs.processor.ts';
export { AnthropicUsageProcessor } from './lib/usage/anthropic-usage.processor.ts';
