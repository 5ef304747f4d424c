import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Where the provider is. */
export interface GcpProcessorsOptions {
  /** Base URL of the Cloud Billing API, with its version: `https://cloudbilling.googleapis.com/v1`. */
  readonly billingCatalogBaseUrl: string;
  /** Token endpoint, also the audience of the assertions: `https://oauth2.googleapis.com/token`. */
  readonly tokenUrl: string;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<GcpProcessorsOptions>().setClassMethodName('forRoot').build();
