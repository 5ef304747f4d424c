export { OpenAiCostsProcessor } from './lib/costs/openai-costs.processor.ts';
export { OPENAI_COSTS_SCHEMA } from './lib/costs/openai-costs.schema.ts';
export { OpenAiProcessorsModule } from './lib/openai-processors.module.ts';
export type { OpenAiProcessorsOptions } from './lib/openai-processors.options.ts';
export { OpenAiUsageProcessor } from './lib/usage/openai-usage.processor.ts';
