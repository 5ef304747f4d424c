import type { LoadTarget, RunWindow, TableWriter } from '@pipelines/pipeline';
import type { PipelineIdentity } from '../catalog/pipeline-identity.ts';
import type { RetryPolicy } from '../file/retry-policy.ts';

/** What a run says of itself, from which the templates of its configuration are filled. */
export interface RunFacts {
  /** Slug of the organization. */
  readonly org: string;
  readonly runId: string;
  readonly window: RunWindow;
}

/** The configuration of one run: templates substituted, options validated, every default filled in. */
export interface ResolvedPipeline extends PipelineIdentity {
  readonly processorClass: string;
  readonly module: string;
  /** An instance of the processor's options class. */
  readonly options: object;
  readonly target: LoadTarget;
  /** Every pipeline that loads into the same dataset for the organization, this one included. */
  readonly writers: readonly TableWriter[];
  /** Name of the organization's credential for the provider. */
  readonly credentials: string;
  readonly retry: RetryPolicy;
  /** How long one attempt of the run may take. */
  readonly timeoutMs: number;
  /** SHA-256, in hex, of what the file says with every template but `{{run_id}}` substituted. */
  readonly hash: string;
}
