import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Where the provider is. */
export interface AnthropicProcessorsOptions {
  /** Base URL of the API, with or without its version: `https://api.anthropic.com`. */
  readonly baseUrl: string;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<AnthropicProcessorsOptions>().setClassMethodName('forRoot').build();
