import { describe, expect, it } from '@jest/globals';
import type { DescribedColumn } from '@pipelines/pipeline';
import { focusColumns } from '../focus/focus-columns.ts';
import { dialectOf } from '../sql/dialect-of.ts';
import { FOCUS_UNIFIED_SCHEMA } from '../unified/focus-unified.schema.ts';
import { shapeProblems } from './shape-problems.ts';

const GOOD: readonly DescribedColumn[] = focusColumns('1.2').map(({ name }) => ({
  path: name,
  type: FOCUS_UNIFIED_SCHEMA.columns.find((column) => column.name === name)!.type,
  repeated: false,
}));

describe('shapeProblems', () => {
  const problemsOf = (columns: readonly DescribedColumn[]) =>
    shapeProblems('1.2', dialectOf('bigquery'), columns).map(({ id, says }) => [id, says]);

  it('finds none in the columns of the version', () => {
    expect(problemsOf(GOOD)).toEqual([]);
  });

  it('names a column that is missing, of another type, or too many', () => {
    const columns = GOOD.filter(({ path }) => path !== 'Tags').map((column) =>
      column.path === 'BilledCost' ? { ...column, type: 'FLOAT64' } : column,
    );

    expect(problemsOf([...columns, { path: 'x_Model', type: 'STRING', repeated: false }])).toEqual([
      ['type:BilledCost', 'BilledCost is BIGNUMERIC, not FLOAT64.'],
      ['present:Tags', 'The dataset has the column Tags.'],
      ['known:x_Model', 'FOCUS 1.2 has no column x_Model.'],
    ]);
  });
});
