import { PipelineError } from '../errors/pipeline-error.ts';
import { LINEAGE_COLUMNS, type Column, type TableSchema } from './table-schema.ts';
import type { Load, LoadTarget } from './warehouse.ts';

const RUN_ID = /^[A-Za-z0-9-]{1,64}$/;
/** Legal in every warehouse; a leading `_` is kept for tables of our own. */
const TABLE_NAME = /^[a-z][a-z0-9_]{0,127}$/;
const COLUMN_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/**
 * Refuses a load that no warehouse could carry out: every name is legal, every column that is referred to exists,
 * and the write disposition has what it needs. Adapters call it before they build a path or a statement.
 * @throws PipelineError `configuration_invalid` naming the target and what to change.
 */
export function assertLoad({ runId, schema, target }: Load): void {
  const problem = !RUN_ID.test(runId)
    ? 'the run id is not a legal name'
    : (problemOfNames(schema, target) ?? problemOfReferences(schema, target));
  if (problem === undefined) return;
  throw new PipelineError('configuration_invalid', `Target ${target.dataset}.${target.table}: ${problem}.`);
}

function problemOfNames(
  { columns, views = [] }: TableSchema,
  { dataset, table }: LoadTarget,
): string | undefined {
  for (const name of [dataset, table, ...views.map((view) => view.name)]) {
    if (!TABLE_NAME.test(name))
      return `"${name}" must start with a letter and hold lower-case letters, digits and "_"`;
  }
  return problemOfColumns(columns, LINEAGE_COLUMNS);
}

function problemOfColumns(columns: readonly Column[], others: readonly Column[] = []): string | undefined {
  // No warehouse tells `Cost` from `cost`.
  const seen = new Set(others.map(({ name }) => name));
  for (const { name, type, fields = [] } of columns) {
    if (!COLUMN_NAME.test(name)) return `column "${name}" must hold letters, digits and "_" only`;
    if (seen.has(name.toLowerCase())) return `column "${name}" is declared twice, or is a lineage column`;
    seen.add(name.toLowerCase());
    if ((type === 'STRUCT') !== fields.length > 0)
      return `column "${name}" must be a STRUCT with fields, or neither`;
    const problem = problemOfColumns(fields);
    if (problem !== undefined) return `${problem}, inside of "${name}"`;
  }
  return undefined;
}

function problemOfReferences(schema: TableSchema, target: LoadTarget): string | undefined {
  const { writeDisposition, mergeKey = [], partitionBy, clusterBy = [] } = target;
  const singles = schema.columns.filter(({ type, mode }) => type !== 'STRUCT' && mode !== 'REPEATED');
  const columns = new Map(singles.map((column) => [column.name, column]));
  const unknown = [...mergeKey, ...clusterBy].find((name) => !columns.has(name));
  if (unknown !== undefined)
    return `merge_key or cluster names "${unknown}", which is no column of the table with single values`;
  for (const name of [schema.windowColumn, partitionBy]) {
    if (name !== undefined && columns.get(name)?.type !== 'DATE') return `"${name}" must be a DATE column`;
  }
  const { watermarkColumn, watermarkBy } = schema;
  if (watermarkColumn !== undefined && columns.get(watermarkColumn)?.type !== 'TIMESTAMP')
    return `"${watermarkColumn}" must be a TIMESTAMP column`;
  if (watermarkBy !== undefined && columns.get(watermarkBy)?.type !== 'STRING')
    return `"${watermarkBy}" must be a STRING column`;
  if (writeDisposition === 'merge' && mergeKey.length === 0)
    return 'write_disposition merge needs a merge_key';
  if (writeDisposition === 'replace_partitions' && schema.windowColumn === undefined) {
    return 'write_disposition replace_partitions needs a table with a window column';
  }
  return problemOfKey(schema, columns) ?? problemOfViews(schema, target) ?? problemOfMoney(schema, columns);
}

function problemOfKey({ naturalKey }: TableSchema, columns: ReadonlyMap<string, Column>): string | undefined {
  if (naturalKey?.length === 0) return 'the natural key names no column';
  for (const name of naturalKey ?? []) {
    const column = columns.get(name);
    if (!column) return `the natural key names "${name}", which is no column of the table with single values`;
    if (column.type === 'JSON') return `the natural key names "${name}", whose values cannot be compared`;
  }
  return undefined;
}

function problemOfViews({ columns, views = [] }: TableSchema, { table }: LoadTarget): string | undefined {
  const names = new Set(columns.map(({ name }) => name));
  for (const view of views) {
    if (view.name === table) return `the view "${view.name}" has the name of the table`;
    const unknown = view.columns.find((name) => !names.has(name));
    if (unknown !== undefined || view.columns.length === 0)
      return `the view "${view.name}" shows "${unknown ?? ''}", which is no column of the table`;
  }
  return undefined;
}

function problemOfMoney(
  { money = [] }: TableSchema,
  columns: ReadonlyMap<string, Column>,
): string | undefined {
  for (const { amount, currency } of money) {
    if (!columns.get(amount)?.type.endsWith('NUMERIC'))
      return `money column "${amount}" must be an exact decimal`;
    const { type, mode } = columns.get(currency) ?? {};
    if (type !== 'STRING' || mode !== 'REQUIRED')
      return `currency column "${currency}" must be a REQUIRED STRING`;
  }
  return undefined;
}
