import { Module } from '@nestjs/common';
import { GcpBillingExportProcessor } from './billing/gcp-billing-export.processor.ts';
import { GcpBillingCatalogProcessor } from './catalog/gcp-billing-catalog.processor.ts';
import { GcpAccessTokens } from './gcp-access-tokens.ts';
import { GcpClient } from './gcp-client.ts';
import { ConfigurableModuleClass } from './gcp-processors.options.ts';
import { GcpProvider } from './gcp.provider.ts';
import { GcpPricingExportProcessor } from './pricing/gcp-pricing-export.processor.ts';

/** The Google Cloud provider and its processors. Import with `forRoot` or `forRootAsync`, beside `ProcessorsModule`. */
@Module({
  providers: [
    GcpProvider,
    GcpAccessTokens,
    GcpClient,
    GcpBillingCatalogProcessor,
    GcpBillingExportProcessor,
    GcpPricingExportProcessor,
  ],
})
export class GcpProcessorsModule extends ConfigurableModuleClass {}
