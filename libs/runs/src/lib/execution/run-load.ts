import { Injectable, Logger } from '@nestjs/common';
import type { ResolvedPipeline } from '@pipelines/config-resolver';
import {
  PipelineError,
  ProcessorFactory,
  Warehouse,
  type CommitReceipt,
  type Load,
  type LoadProof,
  type LoadTarget,
  type PipelineProcessor,
  type ProcessorContext,
} from '@pipelines/pipeline';
import type { RunProof, RunReceipt } from '../run.entity.ts';
import type { Attempt } from './attempt.ts';
import { assertReceipt } from './compare-receipt.ts';
import { ExtractionTally } from './extraction-tally.ts';
import { WarehouseAccess } from './warehouse-access.ts';

/** What an attempt has resolved before it starts to run. */
export interface PreparedLoad {
  readonly processor: PipelineProcessor;
  readonly context: ProcessorContext;
  readonly load: Load;
  readonly tally: ExtractionTally;
}

/** What the attempt hears of its load. */
export interface LoadSteps {
  /** Told what was proven, as the last step before the commit; throws to prevent it. */
  beforeCommit(proof: RunProof): Promise<void>;
  /** What was staged could not be taken away. */
  stagingLeft(): void;
}

/** The running part of a run: extract → stage → check → commit. */
@Injectable()
export class RunLoad {
  private readonly logger = new Logger(RunLoad.name);

  constructor(
    private readonly warehouse: Warehouse,
    private readonly processors: ProcessorFactory,
    private readonly access: WarehouseAccess,
  ) {}

  /**
   * Brings together what the load needs, without touching provider or warehouse.
   * @throws PipelineError `credential_missing` or `credential_undecryptable` for the credential that the target names.
   */
  async prepare(
    attempt: Attempt,
    pipeline: ResolvedPipeline,
    context: ProcessorContext,
  ): Promise<PreparedLoad> {
    const { org } = attempt;
    const credential = await this.access.credentialOf(org, pipeline.target);
    const { instance: processor } = this.processors.find(pipeline.processorClass, pipeline.module);
    const schema = processor.schemaFor(pipeline.options);
    return {
      processor,
      context,
      tally: new ExtractionTally(schema, attempt.window, this.warehouse.decimalScale),
      load: {
        runId: attempt.runId,
        attempt: attempt.number,
        org,
        pipeline: `${attempt.provider}/${attempt.domain}/${attempt.pipeline}`,
        loadedAt: new Date().toISOString(),
        window: attempt.window,
        schema,
        target: pipeline.target,
        // Kept with the run, because the organization's may change while it is under way.
        place: this.warehouse.resolvePlace(attempt.place),
        credential,
        signal: context.signal,
      },
    };
  }

  /**
   * The receipt of the run when an earlier attempt had committed it. When none had, none ever will: what they staged is
   * taken away before the warehouse is asked, so that a worker which only stood still finds nothing to commit. It is asked
   * where the proof was made, whatever the organization's place is now.
   * @throws PipelineError `warehouse_unavailable` when it cannot be learned, for whatever reason.
   */
  async findCommitted(attempt: Attempt, signal: AbortSignal): Promise<RunReceipt | undefined> {
    const { runId, number, org, proof } = attempt;
    if (!proof) return undefined;
    const { target, place } = proof;
    try {
      const credential = await this.access.credentialOf(org, target);
      const load = { runId, org, target, place, credential, signal };
      for (let earlier = 1; earlier < number; earlier++) {
        await this.warehouse.discard({ ...load, attempt: earlier });
      }
      const committed = await this.warehouse.findCommit({ ...load, attempt: number });
      return committed && receiptOf(target, committed);
    } catch (error) {
      throw signal.aborted ? error : commitUnknown(error);
    }
  }

  /**
   * Stages, checks and commits. The staging area is gone afterwards, whatever happened, or reported as left.
   */
  async execute(prepared: PreparedLoad, { beforeCommit, stagingLeft }: LoadSteps): Promise<RunReceipt> {
    const { load } = prepared;
    try {
      const proof = await this.prove(prepared);
      await beforeCommit({ ...proof, target: load.target, place: load.place });
      return receiptOf(load.target, await this.warehouse.commit(load, proof));
    } finally {
      if (!(await this.discard(load))) stagingLeft();
    }
  }

  private async prove({ processor, context, load, tally }: PreparedLoad): Promise<LoadProof> {
    const stage =
      processor.kind === 'rows'
        ? await this.warehouse.stageRows(load, tally.count(processor.extract(context)))
        : await this.warehouse.stageQuery(load, processor.queryFor(context, this.warehouse.engine));
    const staged = await this.warehouse.check(load);
    if (processor.kind === 'query') tally.adopt(staged);
    assertReceipt(tally, staged);
    return {
      rows: { extracted: tally.rows, staged: staged.rows },
      money: { extracted: tally.money, staged: staged.money },
      stage,
    };
  }

  /** Left-over staging is no reason to fail a run whose target is committed; the sweeper tries again. */
  private async discard(load: Load): Promise<boolean> {
    try {
      await this.warehouse.discard(load);
      return true;
    } catch (error) {
      this.logger.warn(`Run ${load.runId}: its staging area was left behind: ${String(error)}`);
      return false;
    }
  }
}

/** A run must not fail while it may have committed, be it for a credential that was deleted meanwhile. */
function commitUnknown(error: unknown): unknown {
  if (!(error instanceof PipelineError) || error.code === 'warehouse_unavailable') return error;
  const { message, operatorDetail, facts, retryAfterMs } = error;
  return new PipelineError(
    'warehouse_unavailable',
    `It cannot be learned whether the run has committed. ${message}`,
    { cause: error, operatorDetail, facts, retryAfterMs },
  );
}

function receiptOf({ dataset, table, writeDisposition }: LoadTarget, commit: CommitReceipt): RunReceipt {
  const { proof, committed } = commit;
  return {
    target: `${dataset}.${table}`,
    write_disposition: writeDisposition,
    rows: { ...proof.rows, committed: committed.rows, replaced: commit.rowsReplaced },
    money: { ...proof.money, committed: committed.money },
    bytes: { staged: proof.stage.bytesStaged, processed: proof.stage.bytesProcessed },
    partitions_replaced: commit.daysReplaced,
    restatement: commit.restatement,
    job_ids: [...proof.stage.jobIds, ...commit.jobIds],
    already_committed: commit.alreadyCommitted,
  };
}
