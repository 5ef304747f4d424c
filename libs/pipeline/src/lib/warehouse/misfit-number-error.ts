import { PipelineError } from '../errors/pipeline-error.ts';
import { shorten } from '../errors/shorten.ts';
import type { LoadTarget } from './warehouse.ts';

/** The `schema_mismatch` of a query that reads a number which the column for it cannot hold. */
export function misfitNumberError(
  { dataset, table }: LoadTarget,
  number: string,
  cause: unknown,
  operatorDetail?: string,
): PipelineError {
  const value = shorten(number);
  return new PipelineError(
    'schema_mismatch',
    `The query for ${dataset}.${table} reads the number ${value}, which its column cannot hold. The target was not touched. Correct the value in the table that is read.`,
    { cause, operatorDetail, facts: { table: `${dataset}.${table}`, value } },
  );
}
