import {
  addDecimals,
  PipelineError,
  Warehouse,
  type CommitReceipt,
  type EarlierLoad,
  type Load,
  type LoadProof,
  type Row,
  type StagedTotals,
  type StageReceipt,
} from '@pipelines/pipeline';

/** Keeps everything in memory, and loses replies on request; the executor's only stand-in. */
export class MemoryWarehouse extends Warehouse {
  readonly engine = 'duckdb';
  readonly decimalScale = 18;
  readonly staging = new Map<string, Row[]>();
  readonly commits = new Map<string, CommitReceipt & { readonly attempt: number }>();
  /** Drops staged rows, as a faulty adapter would. */
  losesRows = 0;
  /** Commits, but lets the caller believe that it did not get through. */
  losesReplies = 0;

  async stageRows({ runId, attempt }: Load, batches: AsyncIterable<readonly Row[]>): Promise<StageReceipt> {
    const rows: Row[] = [];
    for await (const batch of batches) rows.push(...batch);
    this.staging.set(`${runId}/${attempt}`, rows.slice(this.losesRows));
    return { bytesStaged: rows.length * 10, bytesProcessed: 0, jobIds: [`stage_${attempt}`] };
  }

  stageQuery(): Promise<StageReceipt> {
    return Promise.reject(new Error('This stand-in runs no queries.'));
  }

  async check(load: Load): Promise<StagedTotals> {
    const rows = this.stagedBy(load);
    const sum = rows.reduce((total, row) => addDecimals(total, String(row.amount)), '0');
    return { rows: rows.length, rowsOutsideWindow: 0, money: [{ column: 'amount', currency: 'USD', sum }] };
  }

  async commit(load: Load, proof: LoadProof): Promise<CommitReceipt> {
    const earlier = await this.findCommit(load);
    if (earlier) return earlier;
    const { rows, money } = await this.check(load);
    const receipt: CommitReceipt = {
      proof,
      committed: { rows, money },
      rowsReplaced: 0,
      daysReplaced: [load.window.start],
      restatement: { figures: 0, entries: [] },
      jobIds: [`commit_${load.attempt}`],
      alreadyCommitted: false,
    };
    this.commits.set(load.runId, { ...receipt, attempt: load.attempt });
    if (this.losesReplies-- > 0) throw new PipelineError('warehouse_unavailable', 'The reply was lost.');
    return receipt;
  }

  async findCommit({ runId, attempt }: EarlierLoad): Promise<CommitReceipt | undefined> {
    const commit = this.commits.get(runId);
    return commit && { ...commit, alreadyCommitted: commit.attempt !== attempt };
  }

  async discard({ runId, attempt }: Load): Promise<void> {
    this.staging.delete(`${runId}/${attempt}`);
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  private stagedBy({ runId, attempt }: Load): readonly Row[] {
    return this.staging.get(`${runId}/${attempt}`) ?? [];
  }
}
