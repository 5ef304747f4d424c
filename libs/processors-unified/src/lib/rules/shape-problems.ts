import type { DescribedColumn, ScalarType } from '@pipelines/pipeline';
import { focusColumns, type FocusVersion } from '../focus/focus-columns.ts';
import type { SqlDialect } from '../sql/sql-dialect.ts';
import { FOCUS_UNIFIED_SCHEMA } from '../unified/focus-unified.schema.ts';

/** What keeps a relation from having exactly the columns of a version, each with its type. */
export interface ShapeProblem {
  readonly id: string;
  readonly says: string;
}

/** Compares the columns of a view with those of the version that it is to show. */
export function shapeProblems(
  version: FocusVersion,
  sql: SqlDialect,
  columns: readonly DescribedColumn[],
): readonly ShapeProblem[] {
  const found = new Map(columns.map(({ path, type }) => [path, type]));
  const wanted = focusColumns(version).map(({ name }) =>
    FOCUS_UNIFIED_SCHEMA.columns.find((column) => column.name === name)!,
  );
  const names = new Set(wanted.map(({ name }) => name));
  return [
    ...wanted.flatMap(({ name, type }): ShapeProblem[] => {
      const [want, have] = [sql.describedType(type as ScalarType), found.get(name)];
      if (have === undefined) return [{ id: `present:${name}`, says: `The dataset has the column ${name}.` }];
      return have === want ? [] : [{ id: `type:${name}`, says: `${name} is ${want}, not ${have}.` }];
    }),
    ...columns
      .filter(({ path }) => !names.has(path))
      .map(({ path }) => ({ id: `known:${path}`, says: `FOCUS ${version} has no column ${path}.` })),
  ];
}
