import type { Column, ScalarType, TableSchema, TableView } from '@pipelines/pipeline';
import {
  FOCUS_COLUMNS,
  FOCUS_VERSIONS,
  focusColumns,
  type FocusColumn,
  type FocusType,
  type FocusVersion,
} from '../focus/focus-columns.ts';
import { CUSTOM_COLUMNS } from './custom-columns.ts';

const TYPES: Readonly<Record<FocusType, ScalarType>> = {
  String: 'STRING',
  Decimal: 'BIGNUMERIC',
  DateTime: 'TIMESTAMP',
  Json: 'JSON',
  KeyValue: 'JSON',
};

/**
 * The type of a column in the warehouses. Bytes for a day are counted in byte-seconds, which have more digits before the
 * point than a BIGNUMERIC keeps in DuckDB; after it, what is consumed needs no more than the nine of a NUMERIC.
 */
export function warehouseTypeOf({ name, type }: Pick<FocusColumn, 'name' | 'type'>): ScalarType {
  return name === 'ConsumedQuantity' ? 'NUMERIC' : TYPES[type];
}

/** Name of the view that holds exactly the columns of a version. */
export function viewOf(version: FocusVersion): string {
  return `focus_${version.replace('.', '_')}`;
}

/** The table `focus_cost_and_usage`: what every provider charges, in the columns of FOCUS 1.2 and 1.4. */
export const FOCUS_UNIFIED_SCHEMA: TableSchema = {
  description:
    'Costs of every provider in the columns of FOCUS 1.2 and 1.4, and x_ columns for where they come from',
  columns: [...FOCUS_COLUMNS.map(toColumn), ...CUSTOM_COLUMNS],
  windowColumn: 'x_ChargeDate',
  watermarkColumn: 'x_SourceLoadedAt',
  money: ['BilledCost', 'EffectiveCost', 'ContractedCost', 'ListCost'].map((amount) => ({
    amount,
    currency: 'BillingCurrency',
  })),
  views: FOCUS_VERSIONS.map(toView),
};

function toColumn(column: FocusColumn): Column {
  const { name, nullable, description } = column;
  return { name, type: warehouseTypeOf(column), mode: nullable ? 'NULLABLE' : 'REQUIRED', description };
}

function toView(version: FocusVersion): TableView {
  return {
    name: viewOf(version),
    description: `The charges with exactly the columns of FOCUS ${version}`,
    columns: focusColumns(version).map(({ name }) => name),
  };
}
