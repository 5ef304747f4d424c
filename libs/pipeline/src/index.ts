export { ERROR_CATALOG, type ErrorCode, type Fault } from './lib/errors/error-catalog.ts';
export { nearestName } from './lib/errors/nearest-name.ts';
export { PipelineError, type PipelineErrorOptions } from './lib/errors/pipeline-error.ts';
export { askGrouped, type GroupedAnswer, type WantedDimensions } from './lib/http/optional-dimensions.ts';
export { OptionalReads, type OptionalReadsLimits } from './lib/http/optional-reads.ts';
export { pageAfterAll, PageCursors } from './lib/http/page-cursors.ts';
export {
  ProviderHttpClient,
  type ProviderHttpOptions,
  type ProviderRequest,
} from './lib/http/provider-http-client.ts';
export { JsonValue } from './lib/json/json-value.ts';
export { parseExactJson } from './lib/json/parse-exact-json.ts';
export { DecimalSum } from './lib/money/decimal-sum.ts';
export { isDecimalText, type DecimalText } from './lib/money/decimal-text.ts';
export {
  addDecimals,
  equalDecimals,
  plainDecimal,
  roundDecimal,
  shiftDecimal,
  unscaledDecimal,
} from './lib/money/decimal.ts';
export { isOrganizationSlug } from './lib/organization/organization-slug.ts';
export { LeftOut } from './lib/processor/left-out.ts';
export { Processor, type ProcessorDefinition } from './lib/processor/processor.decorator.ts';
export { ProcessorFactory, type RegisteredProcessor } from './lib/processor/processor.factory.ts';
export { ProcessorsModule } from './lib/processor/processors.module.ts';
export type {
  PipelineProcessor,
  ProcessorContext,
  ProviderAccess,
  ProviderReading,
  QueryContext,
  QueryProcessor,
  RowProcessor,
  TableWriter,
  TargetReader,
} from './lib/processor/processor.ts';
export { Provider, type ProviderDefinition } from './lib/processor/provider.decorator.ts';
export { ProviderRegistry } from './lib/processor/provider.registry.ts';
export { Disclosed } from './lib/secret/disclosed.decorator.ts';
export { redactError } from './lib/secret/redact-error.ts';
export { redactSecrets } from './lib/secret/redact-secrets.ts';
export { Secret } from './lib/secret/secret.ts';
export { assertLoad } from './lib/warehouse/assert-load.ts';
export { columnsToAdd, type ExistingColumn } from './lib/warehouse/columns-to-add.ts';
export { toCommitReceipt, type CommitEntry } from './lib/warehouse/commit-entry.ts';
export type { DescribedColumn, DescribedTable, TableReference } from './lib/warehouse/described-table.ts';
export { daySpans, inSpans, windowFrom } from './lib/warehouse/day-spans.ts';
export { duplicateRowsError } from './lib/warehouse/duplicate-rows-error.ts';
export {
  groupStatement,
  toGroupTotals,
  type GroupTotals,
  type Grouping,
  type LimitedGrouping,
} from './lib/warehouse/grouping.ts';
export { isIncremental, proveIncrement, type SpannedLoad } from './lib/warehouse/incremental.ts';
export { mergeKeyError } from './lib/warehouse/merge-key-error.ts';
export { misfitNumberError } from './lib/warehouse/misfit-number-error.ts';
export { missingValueError } from './lib/warehouse/missing-value-error.ts';
export {
  MAX_RESTATED_ENTRIES,
  type CommitReceipt,
  type ControlProof,
  type LeftOutPart,
  type LoadProof,
  type LoadTotals,
  type MoneyTotal,
  type PassedOverRows,
  type RestatedFigure,
  type Restatement,
  type StagedTotals,
  type StageReceipt,
} from './lib/warehouse/receipt.ts';
export {
  RowFitter,
  type DecimalSizes,
  type FittedScalar,
  type FittedValue,
} from './lib/warehouse/row-fitter.ts';
export {
  stageControlled,
  type SourceControl,
  type StagedQuery,
  type StagingQuery,
} from './lib/warehouse/source-control.ts';
export { SQL_TYPES } from './lib/warehouse/sql-types.ts';
export {
  LINEAGE_COLUMNS,
  type Column,
  type ColumnType,
  type ScalarType,
  type MoneyColumn,
  type Row,
  type TableSchema,
  type TableView,
  type Value,
} from './lib/warehouse/table-schema.ts';
export { totalsDifference } from './lib/warehouse/totals-difference.ts';
export {
  Warehouse,
  WRITE_DISPOSITIONS,
  type EarlierLoad,
  type Load,
  type LoadTarget,
  type ReadWarehouse,
  type TakeRows,
  type TextRow,
  type WarehouseCredential,
  type WarehouseEngine,
  type WarehousePlace,
  type WarehouseQuery,
  type WriteDisposition,
} from './lib/warehouse/warehouse.ts';
export { latestOf, ofOneClock, type Watermarks } from './lib/warehouse/watermarks.ts';
export {
  assertWindow,
  MAX_WINDOW_DAYS,
  resolveWindow,
  type DefaultWindow,
  type RunWindow,
  type WindowLimits,
  type WindowRequest,
} from './lib/window/run-window.ts';
export {
  addDays,
  daysBetween,
  parseUtcDate,
  startOfDay,
  toUtcDate,
  type UtcDate,
} from './lib/window/utc-date.ts';
export { windowParts } from './lib/window/window-parts.ts';
