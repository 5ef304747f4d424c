import { Injectable, Logger } from '@nestjs/common';
import type { ResolvedPipeline } from '@pipelines/config-resolver';
import {
  ProcessorFactory,
  Warehouse,
  type Load,
  type PipelineProcessor,
  type ProcessorContext,
  type StagedTotals,
} from '@pipelines/pipeline';
import type { RunReceipt } from '../run.entity.ts';
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
   * Stages, checks and commits. The staging area is gone afterwards, whatever happened.
   * @param assertNewest Called right before the commit; throws when another attempt owns the run.
   */
  async execute(prepared: PreparedLoad, assertNewest: () => Promise<void>): Promise<RunReceipt> {
    const { load, tally } = prepared;
    try {
      const staged = await this.stage(prepared);
      load.signal.throwIfAborted();
      await assertNewest();
      const committed = await this.warehouse.commit(load);
      return {
        target: `${load.target.dataset}.${load.target.table}`,
        write_disposition: load.target.writeDisposition,
        rows: {
          extracted: tally.rows,
          staged: staged.rows,
          committed: committed.rowsCommitted,
          replaced: committed.rowsReplaced,
        },
        money: { extracted: tally.money, staged: staged.money },
        job_ids: committed.jobIds,
        already_committed: committed.alreadyCommitted,
      };
    } finally {
      await this.discard(load);
    }
  }

  /** Left-over staging is no reason to fail a run whose target is committed; it expires by itself. */
  private async discard(load: Load): Promise<void> {
    try {
      await this.warehouse.discard(load);
    } catch (error) {
      this.logger.warn(`Run ${load.runId}: its staging area was left behind: ${String(error)}`);
    }
  }

  private async stage({ processor, context, load, tally }: PreparedLoad): Promise<StagedTotals> {
    if (processor.kind === 'rows') {
      await this.warehouse.stageRows(load, tally.count(processor.extract(context)));
      const staged = await this.warehouse.check(load);
      assertReceipt(tally, staged);
      return staged;
    }
    await this.warehouse.stageQuery(load, processor.queryFor(context, this.warehouse.engine));
    const staged = await this.warehouse.check(load);
    tally.adopt(staged);
    assertReceipt(tally, staged);
    return staged;
  }
}
