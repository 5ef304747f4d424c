import { Injectable } from '@nestjs/common';
import { PipelineCatalog } from '@pipelines/config-resolver';
import { resolveWindow, toUtcDate, type RunWindow, type WindowRequest } from '@pipelines/pipeline';
import { RunQueue } from '@pipelines/queue';
import { assertActive, PlanReader, quotaDenial, UsageReader } from '@pipelines/quota';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { admitRun, type RunRequest } from './admit-run.ts';

/** What a caller asks to run. */
export interface AdmissionRequest {
  readonly org: string;
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
  readonly window: WindowRequest;
}

/** A run that was admitted and waits in the queue. */
export interface AdmittedRun {
  readonly runId: string;
  readonly window: RunWindow;
}

/**
 * A slot that frees between the refusal and the look at the counter makes the refusal unexplainable; the admission is
 * then simply tried again, at most this often.
 */
const MAX_TRIES = 5;

/** The one door by which a run enters the service. The organization must exist. */
@Injectable()
export class RunAdmission {
  constructor(
    private readonly dataSource: DataSource,
    private readonly catalog: PipelineCatalog,
    private readonly plans: PlanReader,
    private readonly usage: UsageReader,
    private readonly queue: RunQueue,
  ) {}

  /**
   * Checks the catalog, the window and the plan, and admits the run.
   *
   * @throws PipelineError `pipeline_not_found`, `pipeline_invalid`, a window error, `subscription_inactive`,
   * `plan_unavailable`, or `quota_exceeded`. Nothing was written then.
   */
  async admit({ window: requested, ...path }: AdmissionRequest): Promise<AdmittedRun> {
    const definition = this.catalog.find(path.provider, path.domain, path.pipeline);
    const window = resolveWindow(requested, definition.window, toUtcDate(new Date()));
    const request: RunRequest = { runId: uuidv7(), window, ...path };

    for (let tries = 1; ; tries++) {
      const plan = await this.plans.read(path.org);
      assertActive(plan);
      if (await admitRun(this.dataSource, request, plan)) {
        this.queue.wake();
        return { runId: request.runId, window };
      }
      const denial = quotaDenial(plan, await this.usage.read(path.org));
      if (denial) throw denial;
      if (tries === MAX_TRIES) throw new Error(`Admission of ${path.org} was refused for no visible limit.`);
    }
  }
}
