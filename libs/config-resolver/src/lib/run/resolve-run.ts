import { createHash } from 'node:crypto';
import { PipelineError, type ProcessorFactory } from '@pipelines/pipeline';
import type { PipelineIdentity } from '../catalog/pipeline-identity.ts';
import { checkPipeline } from '../check/check-pipeline.ts';
import { substitute, type TemplateVariables } from '../template/template.ts';
import type { YamlSource } from '../yaml/yaml-source.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ResolvedPipeline } from './resolved-pipeline.ts';

/**
 * Fills the templates of a configuration for one run, and checks what came out as the file itself was checked.
 * @throws PipelineError `configuration_invalid` with every problem in its facts.
 */
export function resolvePipeline(
  source: YamlSource,
  { provider, domain, pipeline: name }: PipelineIdentity,
  variables: TemplateVariables,
  processors: ProcessorFactory,
): ResolvedPipeline {
  const identity = { provider, domain, pipeline: name };
  const { pipeline, problems } = checkPipeline(source, identity, variables, processors);
  if (!pipeline) {
    throw new PipelineError(
      'configuration_invalid',
      `The configuration ${source.file} is not valid for this run: ${problems[0]!.message}`,
      { facts: { problems } },
    );
  }
  const { file, options, target, retry, timeoutMs } = pipeline;
  return {
    ...identity,
    processorClass: file.processor.class,
    module: file.processor.module,
    options,
    target,
    credentials: file.credentials,
    retry,
    timeoutMs,
    hash: configHash(source, variables),
  };
}

function configHash({ value }: YamlSource, variables: TemplateVariables): string {
  const comparable = substitute(value, { ...variables, run_id: '{{run_id}}' });
  return createHash('sha256').update(canonicalJson(comparable)).digest('hex');
}
