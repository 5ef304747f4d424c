import { PipelineError } from '../errors/pipeline-error.ts';
import type { LoadTarget } from './warehouse.ts';

/** The `schema_mismatch` of a merge whose staged rows share a merge key: which of them to keep is not ours to choose. */
export function mergeKeyError({ dataset, table, mergeKey = [] }: LoadTarget, cause?: unknown): PipelineError {
  return new PipelineError(
    'schema_mismatch',
    `Several rows for ${dataset}.${table} share one merge key (${mergeKey.join(', ')}). Add the columns that tell them apart to merge_key.`,
    { cause, facts: { table: `${dataset}.${table}`, merge_key: mergeKey } },
  );
}
