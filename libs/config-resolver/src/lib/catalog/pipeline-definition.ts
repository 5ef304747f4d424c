import type { DefaultWindow } from '@pipelines/pipeline';
import type { RetryPolicy } from '../file/retry-policy.ts';
import type { PipelineSchedule } from '../schedule/pipeline-schedule.ts';
import type { PipelineIdentity } from './pipeline-identity.ts';

/** A valid pipeline: what is known of it before a run says for whom and for which days. */
export interface PipelineDefinition extends PipelineIdentity {
  /** Path of its file, relative to the configuration directory. */
  readonly file: string;
  readonly processorClass: string;
  readonly module: string;
  readonly window: DefaultWindow;
  /** Days that each run of a backfill loads. */
  readonly backfillDays: number;
  readonly retry: RetryPolicy;
  /** How long one attempt of a run may take. */
  readonly timeoutMs: number;
  /** Pipelines whose runs of a day a scheduled run of that day waits for. */
  readonly dependsOn: readonly PipelineIdentity[];
  /** Absent when the pipeline runs only when it is asked for. */
  readonly schedule?: PipelineSchedule;
}
