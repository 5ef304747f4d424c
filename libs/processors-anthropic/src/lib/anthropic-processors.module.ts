import { Module } from '@nestjs/common';
import { AnthropicClient } from './anthropic-client.ts';
import { ConfigurableModuleClass } from './anthropic-processors.options.ts';
import { AnthropicProvider } from './anthropic.provider.ts';
import { AnthropicCostsProcessor } from './costs/anthropic-costs.processor.ts';
import { AnthropicUsageProcessor } from './usage/anthropic-usage.processor.ts';

/** The Anthropic provider and its processors. Import with `forRoot` or `forRootAsync`, beside `ProcessorsModule`. */
@Module({
  providers: [AnthropicProvider, AnthropicClient, AnthropicCostsProcessor, AnthropicUsageProcessor],
})
export class AnthropicProcessorsModule extends ConfigurableModuleClass {}
