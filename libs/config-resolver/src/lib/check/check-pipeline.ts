import {
  PipelineError,
  type LoadTarget,
  type ProcessorFactory,
  type RegisteredProcessor,
} from '@pipelines/pipeline';
import type { PipelineIdentity } from '../catalog/pipeline-identity.ts';
import type { ConfigProblem, FieldProblem } from '../config-problem.ts';
import { parseDuration } from '../file/duration.ts';
import { PipelineFile } from '../file/pipeline-file.dto.ts';
import type { RetryPolicy } from '../file/retry-policy.ts';
import type { PipelineSchedule } from '../schedule/pipeline-schedule.ts';
import { substitute, templateProblems, type TemplateVariables } from '../template/template.ts';
import type { YamlSource } from '../yaml/yaml-source.ts';
import { datasetProblems, identityProblems } from './check-as-written.ts';
import { targetProblems } from './check-target.ts';
import { validateFields } from './validate-fields.ts';

/** A configuration with its templates substituted, found to be right. */
export interface CheckedPipeline {
  readonly file: PipelineFile;
  /** An instance of the processor's options class. */
  readonly options: object;
  readonly target: LoadTarget;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly schedule?: PipelineSchedule;
}

/** Either the checked pipeline or every problem of the file. */
export interface PipelineCheck {
  readonly pipeline?: CheckedPipeline;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Substitutes the variables and checks everything that can be said of the file before it runs: its fields, its
 * templates, that the processor exists and takes the options, and that the target fits the processor's table.
 */
export function checkPipeline(
  source: YamlSource,
  identity: PipelineIdentity,
  variables: TemplateVariables,
  processors: ProcessorFactory,
): PipelineCheck {
  const { instance: file, problems: fields } = validateFields(
    PipelineFile,
    substitute(source.value, variables),
  );
  const processor = checkProcessor(file, fields, processors);
  const problems = [
    ...templateProblems(source.value),
    ...identityProblems(source.value, identity),
    ...datasetProblems(source.value, variables),
    ...fields,
    ...processor.problems,
  ];
  if (problems.length > 0 || !processor.loads) {
    return { problems: withoutEchoes(problems).map((problem) => source.locate(problem)) };
  }
  const retry = { limit: file.retry.limit, delayMs: parseDuration(file.retry.delay)! };
  const timeoutMs = parseDuration(file.timeout)!;
  return {
    pipeline: { file, ...processor.loads, retry, timeoutMs, schedule: scheduleOf(file) },
    problems: [],
  };
}

function scheduleOf({ schedule }: PipelineFile): PipelineSchedule | undefined {
  if (!schedule) return undefined;
  const { cron, timezone, jitter, catch_up } = schedule;
  return {
    cron,
    timezone,
    jitterMs: jitter === undefined ? 0 : parseDuration(jitter)!,
    catchUp: catch_up,
  };
}

interface ProcessorCheck {
  readonly loads?: Pick<CheckedPipeline, 'options' | 'target'>;
  readonly problems: readonly FieldProblem[];
}

/** What only the processor knows: its options and its table. Nothing is asked of sections that are wrong already. */
function checkProcessor(
  file: PipelineFile,
  fields: readonly FieldProblem[],
  processors: ProcessorFactory,
): ProcessorCheck {
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
  return { loads: { options: options.instance, target }, problems: targetProblems(target, schema) };
}

function findProcessor(
  { processor }: PipelineFile,
  processors: ProcessorFactory,
): RegisteredProcessor | FieldProblem {
  try {
    return processors.find(processor.class, processor.module);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { field: String(error.facts.field), message: error.message };
  }
}

/** Drops the echo of a problem: a template left open, say, also makes the whole value illegal. */
function withoutEchoes(problems: readonly FieldProblem[]): FieldProblem[] {
  return problems.filter(({ field, token }, index) => {
    const earlier = problems.slice(0, index).filter((problem) => problem.field === field);
    return !earlier.some((problem) => token === undefined || token === problem.token);
  });
}
