import { isDeepStrictEqual } from 'node:util';
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
  type WarehousePlace,
} from '@pipelines/pipeline';

/** Keeps everything in memory, and loses replies on request; the executor's only stand-in. */
export class MemoryWarehouse extends Warehouse {
  readonly engine = 'duckdb';
  readonly decimalScale = 18;
  override credentialProvider: string | undefined = undefined;
  readonly staging = new Map<string, Row[]>();
  readonly commits = new Map<string, CommitReceipt & { readonly attempt: number }>();
  /** Where each run committed; it is found nowhere else. */
  readonly places = new Map<string, WarehousePlace | undefined>();
  /** Drops staged rows, as a faulty adapter would. */
  losesRows = 0;
  /** What happens to an attempt that is about to commit. */
  stalls: () => Promise<unknown> = () => Promise.resolve();
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
    await this.stalls();
    const earlier = await this.findCommit(load);
    if (earlier) return earlier;
    if (!this.staging.has(`${load.runId}/${load.attempt}`)) {
      throw new PipelineError('warehouse_rejected', 'Nothing is staged.');
    }
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
    this.places.set(load.runId, load.place);
    if (this.losesReplies-- > 0) throw new PipelineError('warehouse_unavailable', 'The reply was lost.');
    return receipt;
  }

  override resolvePlace({ project = 'service-project', location = 'EU' }: WarehousePlace): WarehousePlace {
    return { project, location };
  }

  async findCommit({ runId, attempt, place }: EarlierLoad): Promise<CommitReceipt | undefined> {
    if (!isDeepStrictEqual(place, this.places.get(runId))) return undefined;
    const commit = this.commits.get(runId);
    return commit && { ...commit, alreadyCommitted: commit.attempt !== attempt };
  }

  async discard({ runId, attempt }: EarlierLoad): Promise<void> {
    this.staging.delete(`${runId}/${attempt}`);
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  private stagedBy({ runId, attempt }: Load): readonly Row[] {
    return this.staging.get(`${runId}/${attempt}`) ?? [];
  }
}
