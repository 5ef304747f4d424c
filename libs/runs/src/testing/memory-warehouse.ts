import { isDeepStrictEqual } from 'node:util';
import {
  addDecimals,
  PipelineError,
  Warehouse,
  type CommitReceipt,
  type DescribedTable,
  type EarlierLoad,
  type Grouping,
  type GroupTotals,
  type Load,
  type LoadProof,
  type Row,
  type StagedTotals,
  type StageReceipt,
  type TableReference,
  type TextRow,
  type WarehousePlace,
  type WarehouseQuery,
  type Watermarks,
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
  /** Tables that there are; a commit makes its target. */
  readonly tables = new Set<string>();
  /** Drops staged rows, as a faulty adapter would. */
  losesRows = 0;
  /** What happens to an attempt that is about to commit. */
  stalls: () => Promise<unknown> = () => Promise.resolve();
  /** The line in which commits wait, if they do. */
  line?: string;
  /** Commits, but lets the caller believe that it did not get through. */
  losesReplies = 0;

  override commitLine(): string | undefined {
    return this.line;
  }

  async stageRows({ runId, attempt }: Load, batches: AsyncIterable<readonly Row[]>): Promise<StageReceipt> {
    const rows: Row[] = [];
    for await (const batch of batches) rows.push(...batch);
    this.staging.set(`${runId}/${attempt}`, rows.slice(this.losesRows));
    return { bytesStaged: rows.length * 10, bytesProcessed: 0, jobIds: [`stage_${attempt}`] };
  }

  /** What queries would stage, when they are asked for. */
  queried: (query: WarehouseQuery) => readonly Row[] = () => {
    throw new Error('This stand-in runs no queries.');
  };

  async describeTable(_load: unknown, reference: TableReference): Promise<DescribedTable | undefined> {
    const sqlName = `${reference.dataset}.${reference.table}`;
    return this.tables.has(sqlName) ? { reference, sqlName, columns: [] } : undefined;
  }

  /** What queries are answered, when they are asked for. */
  answered: (query: WarehouseQuery) => readonly TextRow[] = () => {
    throw new Error('This stand-in answers no queries.');
  };

  async read(_load: Load, query: WarehouseQuery): Promise<readonly TextRow[]> {
    return this.answered(query);
  }

  readInBatches(): Promise<void> {
    return Promise.reject(new Error('This stand-in answers no queries.'));
  }

  async stageQuery({ runId, attempt }: Load, query: WarehouseQuery): Promise<StageReceipt> {
    this.staging.set(`${runId}/${attempt}`, [...this.queried(query)]);
    return { bytesStaged: 0, bytesProcessed: 0, jobIds: [] };
  }

  async check(load: Load, grouping?: Grouping): Promise<StagedTotals> {
    const rows = this.stagedBy(load);
    const sum = rows.reduce((total, row) => addDecimals(total, String(row.amount)), '0');
    const { windowColumn, watermarkColumn, watermarkBy } = load.schema;
    return {
      rows: rows.length,
      rowsOutsideWindow: 0,
      money: [{ column: 'amount', currency: 'USD', sum }],
      ...(watermarkColumn && {
        days: [...new Set(rows.map((row) => String(row[windowColumn!])))].sort(),
        watermark: rows
          .map((row) => String(row[watermarkColumn]))
          .sort()
          .at(-1),
      }),
      ...(watermarkColumn &&
        watermarkBy && { watermarks: latestByClock(rows, watermarkColumn, watermarkBy) }),
      ...(grouping && { groups: groupsOf(rows, grouping) }),
    };
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
    this.tables.add(`${load.target.dataset}.${load.target.table}`);
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

function latestByClock(rows: readonly Row[], instant: string, clock: string): Watermarks {
  const sorted = rows.map((row) => [String(row[clock] ?? ''), String(row[instant])] as const).sort();
  return Object.fromEntries(sorted);
}

function groupsOf(rows: readonly Row[], { by, sums }: Grouping): GroupTotals[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(by.map((name) => row[name])));
  return [...groups].map(([group, members]) => ({
    group: JSON.parse(group) as string[],
    rows: members.length,
    sums: sums.map((name) => members.reduce((total, row) => addDecimals(total, String(row[name])), '0')),
  }));
}
