import {
  PipelineError,
  type LoadTarget,
  type ProcessorFactory,
  type RegisteredProcessor,
  type TableSchema,
} from '@pipelines/pipeline';
import type { FieldProblem } from '../config-problem.ts';
import type { LoadSections } from '../file/pipeline-file.dto.ts';
import { targetProblems } from './check-target.ts';
import { validateFields } from './validate-fields.ts';

/** What a processor and its target were found to be. */
export interface CheckedLoad {
  /** An instance of the processor's options class. */
  readonly options: object;
  readonly target: LoadTarget;
  /** The processor's table. */
  readonly schema: TableSchema;
}

/** Either the checked load or what is wrong with it. */
export interface LoadCheck {
  readonly checked?: CheckedLoad;
  readonly problems: readonly FieldProblem[];
}

/**
 * Checks what only the processor knows: its options and its table.
 * @param fields Problems of the sections; nothing is asked of those that are wrong already.
 */
export function checkLoad(
  file: LoadSections,
  fields: readonly FieldProblem[],
  processors: ProcessorFactory,
): LoadCheck {
  const wrong = (section: string) => fields.some(({ field }) => `${field}.`.startsWith(`${section}.`));
  if (wrong('processor')) return { problems: [] };

  const found = findProcessor(file, processors);
  if ('message' in found) return { problems: [found] };
  const { definition, instance } = found;
  const options = validateFields(definition.options, file.processor.options, 'processor.options');
  if (options.problems.length > 0 || wrong('target')) return { problems: options.problems };

  const schema = instance.schemaFor(options.instance);
  const { dataset, table, write_disposition, merge_key, partition, cluster, credentials } = file.target;
  const target: LoadTarget = {
    dataset,
    table,
    writeDisposition: write_disposition ?? (schema.windowColumn ? 'replace_partitions' : 'replace'),
    mergeKey: merge_key,
    partitionBy: partition,
    clusterBy: cluster,
    credentials,
  };
  return { checked: { options: options.instance, target, schema }, problems: targetProblems(target, schema) };
}

function findProcessor(
  { processor }: LoadSections,
  processors: ProcessorFactory,
): RegisteredProcessor | FieldProblem {
  try {
    return processors.find(processor.class, processor.module);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { field: String(error.facts.field), message: error.message };
  }
}
