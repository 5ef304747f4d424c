import { PipelineError } from '../errors/pipeline-error.ts';
import type { Column } from './table-schema.ts';

/** A column of a table that exists, with its type in the warehouse's own words. */
export interface ExistingColumn {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

/**
 * The columns that an existing table lacks. A table may grow by nullable columns and may hold nullable columns that
 * are not declared (an older release can go on loading); any other difference is for a person to decide.
 * @param typeOf The warehouse's words for the type of a column, with the fields of a STRUCT and whether it repeats.
 * @throws PipelineError `schema_mismatch` naming table, column, what is wanted, what is there and what to do.
 */
export function columnsToAdd(
  table: string,
  wanted: readonly Column[],
  existing: readonly ExistingColumn[],
  typeOf: (column: Column) => string,
): readonly Column[] {
  const existingByName = new Map(existing.map((column) => [column.name, column]));
  const wantedNames = new Set(wanted.map(({ name }) => name));
  const mismatch = (column: string, want: string, have: string) =>
    new PipelineError(
      'schema_mismatch',
      `Table ${table}, column "${column}": want ${want}, have ${have}. Change the table by hand, or load into a new one.`,
      { facts: { table, column, want, have } },
    );

  for (const column of wanted) {
    const { name } = column;
    const have = existingByName.get(name);
    const type = typeOf(column);
    const required = column.mode === 'REQUIRED';
    if (!have && required) throw mismatch(name, `${type} REQUIRED`, 'no such column');
    if (have && (have.type !== type || (have.required && !required))) {
      throw mismatch(name, `${type} ${modeOf(required)}`, `${have.type} ${modeOf(have.required)}`);
    }
  }
  const surplus = existing.find(({ name, required }) => required && !wantedNames.has(name));
  if (surplus) throw mismatch(surplus.name, 'no such column', `${surplus.type} REQUIRED`);
  return wanted.filter(({ name }) => !existingByName.has(name));
}

function modeOf(required: boolean): string {
  return required ? 'REQUIRED' : 'NULLABLE';
}
