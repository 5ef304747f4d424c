import { Injectable, Logger } from '@nestjs/common';
import type { ResolvedPipeline } from '@pipelines/config-resolver';
import {
  ProcessorFactory,
  Warehouse,
  type CommitReceipt,
  type Load,
  type PipelineProcessor,
  type ProcessorContext,
  type StagedTotals,
} from '@pipelines/pipeline';
import type { RunProof, RunReceipt } from '../run.entity.ts';
import type { Attempt } from './attempt.ts';
import { assertReceipt } from './compare-receipt.ts';
import { ExtractionTally } from './extraction-tally.ts';

/** What an attempt has resolved before it starts to run. */
export interface PreparedLoad {
  readonly processor: PipelineProcessor;
  readonly context: ProcessorContext;
  readonly load: Load;
  readonly tally: ExtractionTally;
}

/** The running part of a run: extract → stage → check → commit. */
@Injectable()
export class RunLoad {
  private readonly logger = new Logger(RunLoad.name);

  constructor(
    private readonly warehouse: Warehouse,
    private readonly processors: ProcessorFactory,
  ) {}

  /** Brings together what the load needs, without touching provider or warehouse. */
  prepare(attempt: Attempt, pipeline: ResolvedPipeline, context: ProcessorContext): PreparedLoad {
    const { instance: processor } = this.processors.find(pipeline.processorClass, pipeline.module);
    const schema = processor.schemaFor(pipeline.options);
    return {
      processor,
      context,
      tally: new ExtractionTally(schema, attempt.window, this.warehouse.decimalScale),
      load: {
        runId: attempt.runId,
        attempt: attempt.number,
        org: attempt.org,
        pipeline: `${attempt.provider}/${attempt.domain}/${attempt.pipeline}`,
        loadedAt: new Date().toISOString(),
        window: attempt.window,
        schema,
        target: pipeline.target,
        signal: context.signal,
      },
    };
  }

  /**
   * The receipt of the run when an earlier attempt had committed it. When none had, none ever will: what they staged is
   * taken away before the warehouse is asked, so that a worker which only stood still finds nothing to commit.
   */
  async findCommitted(attempt: Attempt, signal: AbortSignal): Promise<RunReceipt | undefined> {
    const { runId, number, proof } = attempt;
    if (!proof) return undefined;
    const { target } = proof;
    for (let earlier = 1; earlier < number; earlier++) {
      await this.warehouse.discard({ runId, attempt: earlier, target, signal });
    }
    const committed = await this.warehouse.findCommit({ runId, attempt: number, target, signal });
    return committed && receiptOf(proof, committed);
  }

  /**
   * Stages, checks and commits. The staging area is gone afterwards, whatever happened.
   * @param beforeCommit Told what was proven, as the last step before the commit; throws to prevent it.
   */
  async execute(
    prepared: PreparedLoad,
    beforeCommit: (proof: RunProof) => Promise<void>,
  ): Promise<RunReceipt> {
    const { load } = prepared;
    try {
      const proof = await this.prove(prepared);
      await beforeCommit(proof);
      return receiptOf(proof, await this.warehouse.commit(load));
    } finally {
      await this.discard(load);
    }
  }

  private async prove(prepared: PreparedLoad): Promise<RunProof> {
    const { load, tally } = prepared;
    const staged = await this.stage(prepared);
    assertReceipt(tally, staged);
    return {
      target: load.target,
      rows: { extracted: tally.rows, staged: staged.rows },
      money: { extracted: tally.money, staged: staged.money },
    };
  }

  private async stage({ processor, context, load, tally }: PreparedLoad): Promise<StagedTotals> {
    if (processor.kind === 'rows') {
      await this.warehouse.stageRows(load, tally.count(processor.extract(context)));
      return this.warehouse.check(load);
    }
    await this.warehouse.stageQuery(load, processor.queryFor(context, this.warehouse.engine));
    const staged = await this.warehouse.check(load);
    tally.adopt(staged);
    return staged;
  }

  /** Left-over staging is no reason to fail a run whose target is committed; it expires by itself. */
  private async discard(load: Load): Promise<void> {
    try {
      await this.warehouse.discard(load);
    } catch (error) {
      this.logger.warn(`Run ${load.runId}: its staging area was left behind: ${String(error)}`);
    }
  }
}

function receiptOf(proof: RunProof, committed: CommitReceipt): RunReceipt {
  const { dataset, table, writeDisposition } = proof.target;
  return {
    target: `${dataset}.${table}`,
    write_disposition: writeDisposition,
    rows: { ...proof.rows, committed: committed.rowsCommitted, replaced: committed.rowsReplaced },
    money: proof.money,
    job_ids: committed.jobIds,
    already_committed: committed.alreadyCommitted,
  };
}
