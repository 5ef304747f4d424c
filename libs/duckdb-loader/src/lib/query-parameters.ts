import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import { PipelineError, type Load, type WarehouseQuery } from '@pipelines/pipeline';

/**
 * The parameters that the statement names; DuckDB refuses others.
 * @throws PipelineError `configuration_invalid` for one that the query is not given.
 */
export function parametersOf(
  statement: DuckDBPreparedStatement,
  { parameters }: WarehouseQuery,
  { pipeline }: Pick<Load, 'pipeline'>,
): Record<string, string> {
  const bound: Record<string, string> = {};
  for (let index = 1; index <= statement.parameterCount; index++) {
    const name = statement.parameterName(index);
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined) {
      throw new PipelineError(
        'configuration_invalid',
        `The query of ${pipeline} uses $${name}, which it is not given. Given: ${Object.keys(parameters).join(', ') || 'none'}.`,
      );
    }
    bound[name] = value;
  }
  return bound;
}
