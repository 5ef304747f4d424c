export { GcpBillingCatalogProcessor } from './lib/catalog/gcp-billing-catalog.processor.ts';
export { GcpProcessorsModule } from './lib/gcp-processors.module.ts';
export type { GcpProcessorsOptions } from './lib/gcp-processors.options.ts';
