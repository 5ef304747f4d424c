import type { Column } from '@pipelines/pipeline';

/** Columns beside those of FOCUS, named as it wants custom columns named, in the order of their names. */
export const CUSTOM_COLUMNS: readonly Column[] = [
  { name: 'x_AdjustmentInfo', type: 'JSON', description: 'Google Cloud: what was adjusted, and why' },
  { name: 'x_ApiKeyId', type: 'STRING', description: 'API key that the charge was caused with' },
  { name: 'x_ApiKeyName', type: 'STRING', description: 'Name of the API key' },
  {
    name: 'x_ChargeDate',
    type: 'DATE',
    mode: 'REQUIRED',
    description: 'UTC day of ChargePeriodStart; the partition',
  },
  {
    name: 'x_ConsumptionModelId',
    type: 'STRING',
    description: 'Google Cloud: consumption model of the price',
  },
  {
    name: 'x_ContextWindow',
    type: 'STRING',
    description: 'Anthropic: context window that the price depends on',
  },
  {
    name: 'x_CostBeforeCredits',
    type: 'BIGNUMERIC',
    description: 'Google Cloud: cost without the credits that BilledCost includes, in BillingCurrency',
  },
  { name: 'x_CostType', type: 'STRING', description: "The provider's own kind of cost" },
  { name: 'x_Credits', type: 'JSON', description: 'Google Cloud: the credits that BilledCost includes' },
  {
    name: 'x_ExportTime',
    type: 'TIMESTAMP',
    description: 'Google Cloud: when the billing export got the row',
  },
  { name: 'x_InferenceGeo', type: 'STRING', description: 'Anthropic: where inference ran, a pricing zone' },
  { name: 'x_InvoiceMonth', type: 'STRING', description: 'Google Cloud: month of the invoice, YYYYMM' },
  { name: 'x_LineItem', type: 'STRING', description: "OpenAI's label of what was charged, as received" },
  { name: 'x_Model', type: 'STRING', description: 'Model that was used' },
  {
    name: 'x_NativeAmount',
    type: 'STRING',
    description: "The amount with the very digits of the provider's answer; cents for Anthropic",
  },
  {
    name: 'x_NativeQuantity',
    type: 'STRING',
    description: 'The quantity with all digits of the source table, in x_QuantityUnit',
  },
  { name: 'x_ProjectNumber', type: 'STRING', description: 'Google Cloud: number of the project' },
  { name: 'x_QuantityUnit', type: 'STRING', description: 'Unit of x_NativeQuantity, as received' },
  { name: 'x_ServiceId', type: 'STRING', description: "The provider's id of the service" },
  { name: 'x_ServiceTier', type: 'STRING', description: 'Service tier that the price depends on' },
  {
    name: 'x_SourceCredential',
    type: 'STRING',
    description: 'Credential that the source row was read with, which tells the accounts of a provider apart',
  },
  {
    name: 'x_SourceLoadedAt',
    type: 'TIMESTAMP',
    mode: 'REQUIRED',
    description: 'When the load of the source row began, UTC',
  },
  {
    name: 'x_SourcePipeline',
    type: 'STRING',
    description: 'Pipeline that loaded the source row, as provider/domain/name',
  },
  { name: 'x_SourceRunId', type: 'STRING', mode: 'REQUIRED', description: 'Run that loaded the source row' },
  { name: 'x_SourceTable', type: 'STRING', mode: 'REQUIRED', description: 'Table of the source row' },
  { name: 'x_TokenType', type: 'STRING', description: 'Anthropic: kind of tokens' },
  {
    name: 'x_UnitPriceIsDerived',
    type: 'BOOL',
    mode: 'REQUIRED',
    description: 'Whether ContractedUnitPrice is BilledCost by PricingQuantity, for want of a price',
  },
  { name: 'x_UserId', type: 'STRING', description: 'User who caused the charge' },
];
