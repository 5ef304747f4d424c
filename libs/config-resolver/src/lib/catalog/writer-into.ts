import type { TableWriter } from '@pipelines/pipeline';
import { IDENTIFIER, SEGMENT } from '../file/names.ts';
import { substitute, type TemplateVariables } from '../template/template.ts';
import type { LoadedPipeline } from './load-pipeline.ts';
import { pathOf } from './pipeline-identity.ts';

/**
 * The pipeline as a writer of the dataset; nothing where it loads into another one. A mistake in its file stops its runs,
 * but not what it has loaded from being read: only a file that does not say where that lies is no writer.
 */
export function writerInto(
  dataset: string,
  { entry, source }: LoadedPipeline,
  variables: TemplateVariables,
): readonly TableWriter[] {
  const { processor, target, credentials = 'default' } = source?.value ?? {};
  const names = substitute(
    { ...pick(processor, 'class'), ...pick(target, 'dataset', 'table'), credentials },
    variables,
  );
  const { class: processorClass, table } = names;
  if (names.dataset !== dataset || typeof processorClass !== 'string') return [];
  // Names go into statements, and nobody may have checked them.
  if (!isName(table, IDENTIFIER) || !isName(names.credentials, SEGMENT)) return [];
  return [{ pipeline: pathOf(entry), processorClass, table, credentials: names.credentials }];
}

/** What a section of the file says, if it is one. */
function pick<K extends string>(section: unknown, ...keys: readonly K[]): Partial<Record<K, unknown>> {
  const values = (section ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(keys.map((key) => [key, values[key]])) as Partial<Record<K, unknown>>;
}

function isName(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}
