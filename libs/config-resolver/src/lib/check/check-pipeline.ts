import type { ProcessorFactory } from '@pipelines/pipeline';
import type { PipelineIdentity } from '../catalog/pipeline-identity.ts';
import type { ConfigProblem } from '../config-problem.ts';
import { parseDuration } from '../file/duration.ts';
import { PipelineFile } from '../file/pipeline-file.dto.ts';
import type { RetryPolicy } from '../file/retry-policy.ts';
import type { PipelineSchedule } from '../schedule/pipeline-schedule.ts';
import { substitute, templateProblems, type TemplateVariables } from '../template/template.ts';
import type { YamlSource } from '../yaml/yaml-source.ts';
import { datasetProblems, identityProblems } from './check-as-written.ts';
import { checkLoad, type CheckedLoad } from './check-load.ts';
import { locateProblems } from './locate-problems.ts';
import { validateFields } from './validate-fields.ts';

/** A configuration with its templates substituted, found to be right. */
export interface CheckedPipeline extends CheckedLoad {
  readonly file: PipelineFile;
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
  const load = checkLoad(file, fields, processors);
  const problems = [
    ...templateProblems(source.value),
    ...identityProblems(source.value, identity),
    ...datasetProblems(source.value, variables),
    ...fields,
    ...load.problems,
  ];
  if (problems.length > 0 || !load.checked) {
    return { problems: locateProblems(source, problems) };
  }
  const retry = { limit: file.retry.limit, delayMs: parseDuration(file.retry.delay)! };
  const timeoutMs = parseDuration(file.timeout)!;
  return {
    pipeline: { file, ...load.checked, retry, timeoutMs, schedule: scheduleOf(file) },
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
