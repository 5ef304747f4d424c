import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Where the provider is. */
export interface OpenAiProcessorsOptions {
  /** Base URL of the API, with its version: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<OpenAiProcessorsOptions>().setClassMethodName('forRoot').build();
