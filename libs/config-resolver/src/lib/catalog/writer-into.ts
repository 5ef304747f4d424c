import type { TableWriter } from '@pipelines/pipeline';
import type { PipelineFile } from '../file/pipeline-file.dto.ts';
import { substitute, type TemplateVariables } from '../template/template.ts';
import type { LoadedPipeline } from './load-pipeline.ts';
import { pathOf } from './pipeline-identity.ts';

/** The pipeline as a writer of the dataset; nothing where it is not valid, or loads into another one. */
export function writerInto(
  dataset: string,
  { entry, definition, source }: LoadedPipeline,
  variables: TemplateVariables,
): readonly TableWriter[] {
  if (!definition || !source) return [];
  const { target, credentials = 'default' } = source.value as unknown as Pick<PipelineFile, 'target'> &
    Partial<Pick<PipelineFile, 'credentials'>>;
  const writer = substitute({ dataset: target.dataset, table: target.table, credentials }, variables);
  if (writer.dataset !== dataset) return [];
  return [
    {
      pipeline: pathOf(entry),
      processorClass: definition.processorClass,
      table: writer.table,
      credentials: writer.credentials,
    },
  ];
}
