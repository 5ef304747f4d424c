import { Module } from '@nestjs/common';
import { OpenAiCostsProcessor } from './costs/openai-costs.processor.ts';
import { OpenAiClient } from './openai-client.ts';
import { ConfigurableModuleClass } from './openai-processors.options.ts';
import { OpenAiProvider } from './openai.provider.ts';
import { OpenAiUsageProcessor } from './usage/openai-usage.processor.ts';

/** The OpenAI provider and its processors. Import with `forRoot` or `forRootAsync`, beside `ProcessorsModule`. */
@Module({
  providers: [OpenAiProvider, OpenAiClient, OpenAiCostsProcessor, OpenAiUsageProcessor],
})
export class OpenAiProcessorsModule extends ConfigurableModuleClass {}
