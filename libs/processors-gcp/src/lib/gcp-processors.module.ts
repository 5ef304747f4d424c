import { Module } from '@nestjs/common';
import { GcpBillingCatalogProcessor } from './catalog/gcp-billing-catalog.processor.ts';
import { GcpAccessTokens } from './gcp-access-tokens.ts';
import { GcpClient } from './gcp-client.ts';
import { ConfigurableModuleClass } from './gcp-processors.options.ts';
import { GcpProvider } from './gcp.provider.ts';

/** The Google Cloud provider and its processors. Import with `forRoot` or `forRootAsync`, beside `ProcessorsModule`. */
@Module({
  providers: [GcpProvider, GcpAccessTokens, GcpClient, GcpBillingCatalogProcessor],
})
export class GcpProcessorsModule extends ConfigurableModuleClass {}
