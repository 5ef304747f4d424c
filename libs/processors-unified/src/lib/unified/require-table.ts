import { PipelineError, type DescribedTable, type Load, type Warehouse } from '@pipelines/pipeline';

/**
 * A table or view that the unified pipeline makes, in the dataset of the load's target.
 * @throws PipelineError `source_not_found` when the pipeline has not run.
 */
export async function requireTable(
  warehouse: Warehouse,
  access: Load,
  table: string,
): Promise<DescribedTable> {
  const { dataset } = access.target;
  const found = await warehouse.describeTable(access, { dataset, table });
  if (found) return found;
  throw new PipelineError(
    'source_not_found',
    `There is no ${dataset}.${table}. Run the pipeline focus/unified/cost_and_usage first.`,
  );
}
