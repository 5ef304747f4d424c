import { Injectable, Logger } from '@nestjs/common';
import type { ResolvedPipeline } from '@pipelines/config-resolver';
import {
  PipelineError,
  proveIncrement,
  ofOneClock,
  ProcessorFactory,
  stageControlled,
  Warehouse,
  type CommitReceipt,
  type DescribedTable,
  type Load,
  type LoadProof,
  type LoadTarget,
  type PipelineProcessor,
  type ProcessorContext,
  type QueryContext,
  type QueryProcessor,
  type Row,
  type StagedQuery,
  type StagingQuery,
  type TableSchema,
  type TargetReader,
  type WarehouseCredential,
  type WarehousePlace,
  type Watermarks,
} from '@pipelines/pipeline';
import { DataSource } from 'typeorm';
import type { Increment, RunProof, RunReceipt } from '../run.entity.ts';
import type { Attempt } from './attempt.ts';
import { assertReceipt } from './compare-receipt.ts';
import { CommitLine } from './commit-line.ts';
import { ExtractionTally } from './extraction-tally.ts';
import { readWatermarks } from './read-watermarks.ts';
import { redactCredential, WarehouseAccess } from './warehouse-access.ts';

/** What an attempt has resolved before it starts to run. */
export interface PreparedLoad {
  readonly processor: PipelineProcessor;
  readonly context: QueryContext;
  readonly load: Load;
  readonly tally: ExtractionTally;
  /** Present when the load is incremental. */
  readonly increment?: Increment;
}

/** What was staged, however it came there. */
type StagedRows = Omit<StagedQuery, 'extracted'> & Pick<StagingQuery, 'passedOver'>;

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
    private readonly dataSource: DataSource,
    private readonly line: CommitLine,
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
    const { target, writers } = pipeline;
    const queryContext = { ...context, target, writers };
    const incremental = schema.watermarkColumn !== undefined;
    // Kept with the run, because the organization's may change while it is under way.
    const place = this.warehouse.resolvePlace(attempt.place);
    return {
      processor,
      context: queryContext,
      increment: incremental
        ? await this.incrementOf(attempt, processor, queryContext, schema, place)
        : undefined,
      tally: new ExtractionTally(schema, attempt.window, this.warehouse.decimalScale),
      load: {
        runId: attempt.runId,
        attempt: attempt.number,
        org,
        pipeline: `${attempt.provider}/${attempt.domain}/${attempt.pipeline}`,
        sourceCredential: this.access.sourceCredential(attempt.provider, context.credentialName),
        loadedAt: new Date().toISOString(),
        window: attempt.window,
        schema,
        target,
        place,
        credential,
        signal: context.signal,
      },
    };
  }

  private async incrementOf(
    attempt: Attempt,
    processor: PipelineProcessor,
    context: QueryContext,
    { watermarkBy }: TableSchema,
    place: WarehousePlace,
  ): Promise<Increment> {
    const { dataset, table } = context.target;
    const sources = processor.kind === 'query' ? processor.sourcesFor(context) : [];
    // Watermarks by other clocks say nothing.
    const scope = { dataset, table, place, sources, ...(watermarkBy !== undefined && { by: watermarkBy }) };
    const { watermarks, revision } = await readWatermarks(this.dataSource, attempt, scope);
    return { scope, since: watermarks, revision };
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
    let credential: WarehouseCredential | undefined;
    try {
      credential = await this.access.credentialOf(org, target);
      const load = { runId, org, target, place, credential, signal };
      for (let earlier = 1; earlier < number; earlier++) {
        await this.warehouse.discard({ ...load, attempt: earlier });
      }
      const committed = await this.warehouse.findCommit({ ...load, attempt: number });
      return committed && receiptOf(target, committed);
    } catch (error) {
      throw signal.aborted ? error : commitUnknown(redactCredential(error, credential));
    }
  }

  /**
   * Stages, checks and commits. The staging area is gone afterwards, whatever happened, or reported as left.
   */
  async execute(prepared: PreparedLoad, { beforeCommit, stagingLeft }: LoadSteps): Promise<RunReceipt> {
    const { load } = prepared;
    try {
      const loaded = await this.loadedBefore(prepared);
      const increment = prepared.increment && {
        ...prepared.increment,
        since: loaded && prepared.increment.since,
      };
      const proof = await this.prove(prepared, increment?.since, loaded);
      // What was proven is recorded once it is the attempt's turn: until then it may end for any reason without a question.
      const waiting = { runId: load.runId, number: load.attempt };
      return await this.line.commit(this.warehouse.commitLine(load), waiting, load.signal, async () => {
        await beforeCommit({ ...proof, target: load.target, place: load.place, increment });
        return receiptOf(load.target, await this.warehouse.commit(load, proof));
      });
    } finally {
      if (!(await this.discard(load))) stagingLeft();
    }
  }

  /** A watermark tells what the target holds; of one that is gone it tells nothing, and all is loaded anew. */
  private async loadedBefore({ load, increment }: PreparedLoad): Promise<DescribedTable | undefined> {
    if (increment?.since === undefined) return undefined;
    return this.targetOf(load).describe();
  }

  private async prove(
    { processor, context, load, tally }: PreparedLoad,
    since: Watermarks | undefined,
    loaded: DescribedTable | undefined,
  ): Promise<LoadProof> {
    const reached =
      load.schema.watermarkBy === undefined ? { watermark: ofOneClock(since) } : { watermarks: since };
    const started = { ...context, ...reached, loaded };
    const {
      stage,
      staged,
      control,
      passedOver = [],
    } = processor.kind === 'rows'
      ? await this.stageRows(load, tally.count(processor.extract(started, this.targetOf(load))))
      : await this.stageQuery(load, processor, started, tally);
    assertReceipt(tally, staged);
    const leftOut = context.leftOut.parts;
    return {
      rows: { extracted: tally.rows, staged: staged.rows },
      money: { extracted: tally.money, staged: staged.money },
      stage,
      control,
      ...(passedOver.length > 0 && { passedOver }),
      ...(leftOut.length > 0 && { leftOut }),
      ...proveIncrement(load, staged, since),
    };
  }

  /** Rows of another writer of the table are no part of what this pipeline has loaded. */
  private targetOf(load: Load): TargetReader {
    const { dataset, table, writeDisposition, mergeKey } = load.target;
    return {
      engine: this.warehouse.engine,
      ...(writeDisposition === 'merge' && { mergeKey }),
      describe: async () => {
        const found = await this.warehouse.describeTable(load, { dataset, table });
        // A name of lower-case letters, digits, underscores and slashes.
        const own = `_pipeline = '${load.pipeline}'`;
        return found && { ...found, sqlName: `(SELECT * FROM ${found.sqlName} WHERE ${own})` };
      },
      read: (question) => this.warehouse.read(load, question),
    };
  }

  private async stageRows(load: Load, batches: AsyncIterable<readonly Row[]>): Promise<StagedRows> {
    const stage = await this.warehouse.stageRows(load, batches);
    return { stage, staged: await this.warehouse.check(load) };
  }

  private async stageQuery(
    load: Load,
    processor: QueryProcessor,
    context: QueryContext,
    tally: ExtractionTally,
  ): Promise<StagedRows> {
    const { engine } = this.warehouse;
    const sources = await Promise.all(
      processor.sourcesFor(context).map((source) => this.warehouse.describeTable(load, source)),
    );
    const query = await processor.queryFor(context, engine, sources, (question) =>
      this.warehouse.read(load, question),
    );
    const { extracted, ...rows } = await stageControlled(this.warehouse, load, query);
    tally.adopt({ ...rows.staged, ...extracted });
    const { passedOver = [] } = query;
    for (const { reason, rows: count, rows_with_money: paid } of passedOver) {
      this.logger.warn(
        `Run ${load.runId}: ${count} rows of the sources are not loaded: ${reason}. ${paid} of them hold money.`,
      );
    }
    return { ...rows, passedOver };
  }

  /** Left-over staging is no reason to fail a run whose target is committed; the sweeper tries again. */
  private async discard(load: Load): Promise<boolean> {
    try {
      await this.warehouse.discard(load);
      return true;
    } catch (error) {
      this.logger.warn({
        msg: `Run ${load.runId}: its staging area was left behind.`,
        err: redactCredential(error, load.credential),
      });
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
    control: proof.control,
    ...(proof.passedOver && { passed_over: proof.passedOver }),
    ...(proof.leftOut && { left_out: proof.leftOut }),
    watermark: proof.watermark,
    ...(proof.watermarks && { watermarks: proof.watermarks }),
    job_ids: [...proof.stage.jobIds, ...commit.jobIds],
    already_committed: commit.alreadyCommitted,
  };
}
