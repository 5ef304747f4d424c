import { createHash } from 'node:crypto';
import { PipelineError, type ProcessorFactory } from '@pipelines/pipeline';
import type { PipelineDefinition } from '../catalog/pipeline-definition.ts';
import { checkLoad } from '../check/check-load.ts';
import { locateProblems } from '../check/locate-problems.ts';
import { declaredKeys, validateFields } from '../check/validate-fields.ts';
import { LoadSections } from '../file/pipeline-file.dto.ts';
import { substitute, type TemplateVariables } from '../template/template.ts';
import type { YamlSource } from '../yaml/yaml-source.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ResolvedPipeline } from './resolved-pipeline.ts';

const LOAD_KEYS = declaredKeys(LoadSections);

/**
 * Fills the templates of a configuration for one run, and checks what came out. What is said of no single run was checked
 * when the file was loaded, and is the definition's.
 * @throws PipelineError `configuration_invalid` with every problem in its facts.
 */
export function resolvePipeline(
  source: YamlSource,
  { provider, domain, pipeline, retry, timeoutMs }: PipelineDefinition,
  variables: TemplateVariables,
  processors: ProcessorFactory,
): Omit<ResolvedPipeline, 'writers'> {
  const { instance: file, problems: fields } = validateFields(
    LoadSections,
    substitute(loadSections(source), variables),
  );
  const { checked, problems } = checkLoad(file, fields, processors);
  if (!checked || fields.length + problems.length > 0) {
    const located = locateProblems(source, [...fields, ...problems]);
    throw new PipelineError(
      'configuration_invalid',
      `The configuration ${source.file} is not valid for this run: ${located[0]!.message}`,
      { facts: { problems: located } },
    );
  }
  return {
    provider,
    domain,
    pipeline,
    processorClass: file.processor.class,
    module: file.processor.module,
    options: checked.options,
    target: checked.target,
    credentials: file.credentials,
    retry,
    timeoutMs,
    hash: configHash(source, variables),
  };
}

function loadSections({ value }: YamlSource): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => LOAD_KEYS.includes(key)));
}

function configHash({ value }: YamlSource, variables: TemplateVariables): string {
  const comparable = substitute(value, { ...variables, run_id: '{{run_id}}' });
  return createHash('sha256').update(canonicalJson(comparable)).digest('hex');
}
