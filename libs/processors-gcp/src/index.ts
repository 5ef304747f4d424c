export { GcpBillingExportProcessor } from './lib/billing/gcp-billing-export.processor.ts';
export { GCP_BILLING_COSTS_SCHEMA } from './lib/billing/gcp-billing-export.schema.ts';
export { GcpBillingCatalogProcessor } from './lib/catalog/gcp-billing-catalog.processor.ts';
export { GcpProcessorsModule } from './lib/gcp-processors.module.ts';
export type { GcpProcessorsOptions } from './lib/gcp-processors.options.ts';
export { GcpPricingExportProcessor } from './lib/pricing/gcp-pricing-export.processor.ts';
