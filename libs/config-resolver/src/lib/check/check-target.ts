import { nearestName, type LoadTarget, type TableSchema } from '@pipelines/pipeline';
import type { FieldProblem } from '../config-problem.ts';

/** What keeps the processor's table from being loaded into the target as the file says. */
export function targetProblems(target: LoadTarget, schema: TableSchema): FieldProblem[] {
  return [
    ...columnProblems('cluster', target.clusterBy, schema),
    ...columnProblems('merge_key', target.mergeKey, schema),
    ...columnProblems('partition', target.partitionBy === undefined ? [] : [target.partitionBy], schema),
    ...typeProblems(target, schema),
    ...dispositionProblems(target, schema),
    ...leftOutProblems(target, schema),
  ];
}

function columnProblems(
  field: string,
  names: readonly string[] = [],
  { columns }: TableSchema,
): FieldProblem[] {
  const known = columns.map(({ name }) => name);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = nearestName(name, known);
      const advice = nearest ? ` Did you mean "${nearest}"?` : '';
      return problem(
        field,
        `the processor's table has no column "${name}".${advice} Its columns: ${known.join(', ')}.`,
      );
    });
}

function typeProblems({ clusterBy = [], partitionBy }: LoadTarget, { columns }: TableSchema): FieldProblem[] {
  return columns.flatMap(({ name, type }) => {
    if (clusterBy.includes(name) && type === 'JSON') {
      return [problem('cluster', `"${name}" is a JSON column, by which no table can be clustered.`)];
    }
    if (name === partitionBy && type !== 'DATE') {
      return [problem('partition', `"${name}" is a ${type} column; name a DATE column.`)];
    }
    return [];
  });
}

function dispositionProblems(
  { writeDisposition, mergeKey, partitionBy }: LoadTarget,
  { windowColumn }: TableSchema,
): FieldProblem[] {
  if (writeDisposition === 'merge' && !mergeKey) {
    return [problem('merge_key', 'write_disposition merge needs the columns that identify a row.')];
  }
  if (writeDisposition !== 'replace_partitions') return [];
  if (windowColumn === undefined) {
    const advice = 'no partition belongs to the run. Use replace or merge.';
    return [problem('write_disposition', `the processor's table has no window column, so ${advice}`)];
  }
  if (partitionBy === undefined || partitionBy === windowColumn) return [];
  return [
    problem('partition', `replace_partitions exchanges the days of "${windowColumn}"; partition by it.`),
  ];
}

/** Rows that were loaded with a value would stay next to those without one, and be counted twice. */
function leftOutProblems({ mergeKey = [] }: LoadTarget, { leftOut = [] }: TableSchema): FieldProblem[] {
  return mergeKey
    .filter((name) => leftOut.includes(name))
    .map((name) => {
      const why = 'so that rows loaded before would stay next to those that replace them';
      return problem(
        'merge_key',
        `"${name}" is null by processor.options.leave_out, ${why}. Take it out of one of the two.`,
      );
    });
}

const problem = (field: string, message: string): FieldProblem => ({
  field: `target.${field}`,
  message: `target.${field}: ${message}`,
});
