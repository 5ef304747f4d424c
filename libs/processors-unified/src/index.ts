export { exportFocus } from './lib/export/export-focus.ts';
export {
  FOCUS_VERSIONS,
  focusColumns,
  type FocusColumn,
  type FocusVersion,
} from './lib/focus/focus-columns.ts';
export { checkFocus, type Finding, type FocusCheck } from './lib/rules/check-focus.ts';
export { checkStatement } from './lib/rules/check-statement.ts';
export { FocusUnifiedProcessor } from './lib/unified/focus-unified.processor.ts';
export { FOCUS_UNIFIED_SCHEMA, warehouseTypeOf } from './lib/unified/focus-unified.schema.ts';
export { UnifiedProcessorsModule } from './lib/unified-processors.module.ts';
