import { setTimeout as delay } from 'node:timers/promises';
import type { BigQuery, JobMetadata } from '@google-cloud/bigquery';
import { PipelineError } from '@pipelines/pipeline';
import { hasStatus, toPipelineError } from './bigquery.errors.ts';

const LONGEST_POLL_FACTOR = 16;
const RESUBMIT_FACTOR = 4;
/** Submissions of one piece of work by one attempt; those of earlier attempts leave it its own. */
const MAX_SUBMISSIONS = 8;
/** Looks at a job that may fail one after the other; the client repeats each by itself, too. */
const MAX_LOOKS = 5;
const JOB_TIMEOUT_MS = String(60 * 60 * 1_000);

/** A job that succeeded. */
export interface FinishedJob {
  readonly id: string;
  /** Bytes that it read, which is what a query bills. */
  readonly bytesProcessed: number;
}

/** How far the submissions of one piece of work have come. */
export interface Submissions {
  /** Whether there was any. */
  readonly any: boolean;
  /** The number of the first that has not failed: one that succeeded, or the next to send. */
  readonly next: number;
}

/** The parts of a job's configuration that we set; `labels.attempt` tells who sent it. */
export interface JobConfiguration {
  readonly labels: Readonly<Record<string, string>>;
  readonly query?: object;
  readonly load?: object;
}

/** The whole job as the API takes it. */
export interface JobRequest {
  readonly jobReference: { readonly jobId: string; readonly projectId: string; readonly location: string };
  readonly configuration: JobConfiguration & { readonly jobTimeoutMs: string };
}

/**
 * Runs jobs under ids of our own, so that each happens once. The client forgives "already exists" only for ids that
 * it made up itself, and a failed insert leaves the outcome unknown; so every failed insert is followed by a look at
 * the id: a job that is there is the job that was wanted, whoever sent it.
 */
export class Jobs {
  constructor(
    private readonly client: BigQuery,
    private readonly location: string,
    private readonly pollIntervalMs: number,
  ) {}

  /**
   * Runs a query job to its end, submitting it under the next id when it failed for a reason that passes in seconds. A
   * failure of an earlier attempt's job does not count either: its staging table may have been removed under it.
   * @param idOf The id of a submission, counted from 1.
   * @param configurationOf The job of an id.
   * @param first The submission to begin with; all before it have failed.
   * @param signal Heeded before each submission and while waiting; a job that was sent goes on without us.
   * @throws PipelineError `warehouse_unavailable`, `warehouse_quota_exceeded` or `warehouse_rejected`; only the first
   * leaves open whether the job ran.
   */
  async run(
    idOf: (submission: number) => string,
    configurationOf: (id: string) => JobConfiguration,
    { first = 1, signal }: { readonly first?: number; readonly signal?: AbortSignal } = {},
  ): Promise<FinishedJob> {
    let failures = 0;
    for (let submission = first; ; submission++) {
      signal?.throwIfAborted();
      const id = idOf(submission);
      const configuration = configurationOf(id);
      const done = await this.submit(id, () => this.insert(id, configuration), signal);
      const failure = done.status?.errorResult;
      if (!failure) return { id, bytesProcessed: Number(done.statistics?.query?.totalBytesProcessed ?? 0) };
      const error = toPipelineError(failure, id);
      if (done.configuration?.labels?.attempt !== configuration.labels.attempt) continue;
      if (!passesSoon(error) || ++failures === MAX_SUBMISSIONS) throw error;
      await this.wait(RESUBMIT_FACTOR * 2 ** Math.min(failures - 1, 5), signal);
    }
  }

  /**
   * Waits until no submission of the work is running, whichever attempt sent it. Each is sent once the one before has
   * failed, so that they are counted until one is missing.
   * @throws PipelineError `warehouse_unavailable` when a job's outcome cannot be learned.
   */
  async settled(idOf: (submission: number) => string): Promise<Submissions> {
    for (let next = 1; ; next++) {
      const done = await this.outcomeOf(idOf(next));
      if (!done) return { any: next > 1, next };
      if (!done.status?.errorResult) return { any: true, next };
    }
  }

  /**
   * Runs a job that can be submitted once only, because its data is a stream.
   * @param insert Sends the request; its answer is not needed.
   * @throws PipelineError `warehouse_unavailable` or `warehouse_rejected`.
   */
  async runOnce(
    id: string,
    configuration: JobConfiguration,
    insert: (request: JobRequest) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const request = {
      jobReference: { jobId: id, projectId: this.client.projectId, location: this.location },
      configuration: { ...configuration, jobTimeoutMs: JOB_TIMEOUT_MS },
    };
    const done = await this.submit(id, () => insert(request), signal);
    if (done.status?.errorResult) throw toPipelineError(done.status.errorResult, id);
  }

  private async insert(jobId: string, configuration: JobConfiguration): Promise<void> {
    await this.client.createJob({
      jobId,
      location: this.location,
      configuration: { ...configuration, jobTimeoutMs: JOB_TIMEOUT_MS },
    });
  }

  /** Sends the job, or finds it under its id, and waits until it is done, well or badly. */
  private async submit(
    id: string,
    insert: () => Promise<unknown>,
    signal?: AbortSignal,
  ): Promise<JobMetadata> {
    try {
      await insert();
    } catch (error) {
      signal?.throwIfAborted();
      const refusal = toPipelineError(error, id);
      const found = await this.look(id, signal).catch((unknown: unknown) => {
        throw isFinal(refusal) && !hasStatus(error, 409) ? refusal : unknown;
      });
      if (!found) throw refusal;
    }
    const done = await this.outcomeOf(id, signal);
    if (!done) throw outcomeUnknown(id);
    return done;
  }

  /** Waits until the job is done, well or badly; undefined when there is none under the id. */
  private async outcomeOf(id: string, signal?: AbortSignal): Promise<JobMetadata | undefined> {
    for (let factor = 1; ; factor = Math.min(factor * 2, LONGEST_POLL_FACTOR)) {
      const job = await this.look(id, signal);
      if (!job || job.status?.state === 'DONE') return job;
      await this.wait(factor, signal);
    }
  }

  /** The job as it stands. A look that fails says nothing about the job, so it never passes for the job's failure. */
  private async look(id: string, signal?: AbortSignal): Promise<JobMetadata | undefined> {
    for (let look = 1; ; look++) {
      try {
        const [metadata] = await this.client.job(id, { location: this.location }).getMetadata();
        return metadata as JobMetadata;
      } catch (error) {
        if (hasStatus(error, 404)) return undefined;
        if (look === MAX_LOOKS || !passesSoon(toPipelineError(error))) throw outcomeUnknown(id, error);
        await this.wait(2 ** look, signal);
      }
    }
  }

  private async wait(pollIntervals: number, signal?: AbortSignal): Promise<void> {
    const milliseconds = this.pollIntervalMs * pollIntervals * (1 - Math.random() / 4);
    await delay(milliseconds, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** Whether trying again within seconds may help. An error that is not BigQuery's may be the network's. */
function passesSoon(error: unknown): boolean {
  return !(error instanceof PipelineError) || error.code === 'warehouse_unavailable';
}

function isFinal(error: unknown): boolean {
  return error instanceof PipelineError && !error.transient;
}

/** Transient, because a later attempt may learn the outcome. */
function outcomeUnknown(id: string, cause?: unknown): PipelineError {
  const known = toPipelineError(cause);
  return new PipelineError(
    'warehouse_unavailable',
    `BigQuery does not say how the job ${id} ended. The load has taken place if it succeeded; look it up in BigQuery.`,
    {
      cause,
      facts: { job_id: id },
      retryAfterMs: known instanceof PipelineError ? known.retryAfterMs : undefined,
    },
  );
}
