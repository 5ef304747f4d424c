export { arrivalOf } from './lib/gcp/exports/billing-account.ts';
export { billingRowsOf, correctionOf } from './lib/gcp/exports/billing-ledger.ts';
export type { BillingRow } from './lib/gcp/exports/billing-row.ts';
export { EXPORT_TABLES } from './lib/gcp/exports/export-tables.ts';
export { gcpBillingTruth, type BilledService } from './lib/gcp/exports/gcp-billing-truth.ts';
export {
  appendBillingRows,
  seedGcpExports,
  type GcpExportOptions,
} from './lib/gcp/exports/seed-gcp-exports.ts';
export {
  startProviderSandbox,
  type ProviderSandbox,
  type ProviderSandboxOptions,
} from './lib/start-provider-sandbox.ts';
