import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Where the pipelines are declared, and what `{{env}}` stands for. */
export interface ConfigResolverOptions {
  /** Path of the directory that holds `{provider}/{domain}/{pipeline}.yml`. */
  readonly directory: string;
  /** Name of the deployment, for example `prod`: 2 to 16 lower-case letters and digits. */
  readonly env: string;
}

/** `CONFIG_RESOLVER_OPTIONS` is the injection token of the {@link ConfigResolverOptions}. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: CONFIG_RESOLVER_OPTIONS } =
  new ConfigurableModuleBuilder<ConfigResolverOptions>().setClassMethodName('forRoot').build();
