import { PipelineError } from '../errors/pipeline-error.ts';
import type { LoadTarget } from './warehouse.ts';

/** The `schema_mismatch` of a query with a row that has no value for a column which needs one. */
export function missingValueError(
  { dataset, table }: LoadTarget,
  column: string,
  cause: unknown,
): PipelineError {
  return new PipelineError(
    'schema_mismatch',
    `The query for ${dataset}.${table} gives a row without a value for "${column}", which every row needs. The target was not touched. Let the query leave such rows out, or give them a value.`,
    { cause, facts: { table: `${dataset}.${table}`, column } },
  );
}
