import type { LoadTarget, ProcessorFactory, TableSchema } from '@pipelines/pipeline';
import { checkPipeline, type CheckedPipeline } from '../check/check-pipeline.ts';
import type { ConfigProblem } from '../config-problem.ts';
import type { PipelineFile } from '../file/pipeline-file.dto.ts';
import type { TemplateVariables } from '../template/template.ts';
import { YamlSource } from '../yaml/yaml-source.ts';
import type { CatalogEntry } from './catalog-entry.ts';
import type { ConfigFile } from './config-files.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';
import { identityAt } from './pipeline-identity.ts';

/** A file of the catalog, as far as it could be understood. A definition means that there are no problems. */
export interface LoadedPipeline {
  readonly entry: CatalogEntry;
  readonly definition?: PipelineDefinition;
  readonly source?: YamlSource;
  readonly writer?: Writer;
}

/** What a pipeline writes, and of whom, as it reads for a sample organization. */
export interface Writer {
  readonly target: LoadTarget;
  readonly schema: TableSchema;
  readonly processorClass: string;
  /** An instance of the processor's options class. */
  readonly options: object;
  /** Name of the organization's credential for the provider. */
  readonly credentials: string;
}

/** Reads and checks one file as if it ran for a sample organization, so that most mistakes show before any run. */
export function loadPipeline(file: ConfigFile, env: string, processors: ProcessorFactory): LoadedPipeline {
  if (file.text === undefined) return refused(file, file.problems);
  const source = YamlSource.parse(file.file, file.text);
  if (!(source instanceof YamlSource)) return refused(file, [source]);

  const { pipeline, problems } = checkPipeline(source, file, { ...SAMPLE, env }, processors);
  if (!pipeline) return { ...refused(file, problems), source };
  const definition = definitionOf(file, pipeline);
  return { entry: entryOf(definition, source, pipeline), definition, source, writer: writerOf(pipeline) };
}

/** What templates stand for where no run says it. */
export const SAMPLE: Omit<TemplateVariables, 'env'> = {
  org_slug: 'sample',
  date: '2026-01-01',
  run_id: '00000000-0000-4000-8000-000000000000',
  window_start: '2026-01-01',
  window_end: '2026-01-02',
};

function refused(
  { provider, domain, pipeline, file }: ConfigFile,
  problems: readonly ConfigProblem[],
): LoadedPipeline {
  return { entry: { provider, domain, pipeline, file, problems } };
}

function definitionOf(
  { provider, domain, pipeline, file }: ConfigFile,
  { file: content, retry, timeoutMs, schedule }: CheckedPipeline,
): PipelineDefinition {
  return {
    provider,
    domain,
    pipeline,
    file,
    processorClass: content.processor.class,
    module: content.processor.module,
    window: {
      lastDay: content.window.default,
      lookbackDays: content.window.lookback_days,
      restatePreviousMonthUntilDay: content.window.restate_previous_month_until_day,
    },
    backfillDays: content.window.backfill_days,
    retry,
    timeoutMs,
    dependsOn: content.depends_on.map(identityAt),
    schedule,
  };
}

function writerOf({ file, target, schema, options }: CheckedPipeline): Writer {
  return { target, schema, options, processorClass: file.processor.class, credentials: file.credentials };
}

/** Shows the texts as the file writes them, not as they read for the sample organization. */
function entryOf(
  { provider, domain, pipeline, file }: PipelineDefinition,
  { value }: YamlSource,
  { target }: CheckedPipeline,
): CatalogEntry {
  const written = value as unknown as Pick<PipelineFile, 'pipeline' | 'target'>;
  return {
    provider,
    domain,
    pipeline,
    file,
    description: written.pipeline.description,
    target: `${written.target.dataset}.${written.target.table}`,
    write_disposition: target.writeDisposition,
    problems: [],
  };
}
