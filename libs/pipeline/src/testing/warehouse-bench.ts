import { randomUUID } from 'node:crypto';
import type { CommitReceipt, LoadProof } from '../lib/warehouse/receipt.ts';
import type { Row } from '../lib/warehouse/table-schema.ts';
import type { Load, Warehouse, WriteDisposition } from '../lib/warehouse/warehouse.ts';
import { aLoad, inBatches, prove, type LoadChange } from './warehouse-load.ts';

/** A row as text: decimals without padding, timestamps with six fraction digits and `Z`, arrays and structs as JSON. */
export type RowText = Readonly<Record<string, string | null>>;

/** A warehouse to test, and a way to look into it. */
export interface WarehouseHarness {
  readonly warehouse: Warehouse;
  /** All rows of a table in any order; none when it does not exist. */
  read(dataset: string, table: string): Promise<readonly RowText[]>;
  close(): Promise<void>;
}

/** Some harnesses start a server. */
export const HARNESS_START_TIMEOUT_MS = 120_000;

/** What the tests of the warehouse contract work with. Each test has a dataset of its own. */
export class WarehouseBench {
  harness: WarehouseHarness;
  dataset: string;

  newDataset(): void {
    this.dataset = `acme_${randomUUID().replaceAll('-', '')}`;
  }

  readonly newLoad = ({ target, ...change }: LoadChange = {}): Load =>
    aLoad({ runId: randomUUID(), ...change, target: { dataset: this.dataset, ...target } });

  readonly loadAs = (writeDisposition: WriteDisposition, change: LoadChange = {}): Load =>
    this.newLoad({ ...change, target: { ...change.target, writeDisposition } });

  /** Stages the rows as two batches, and proves them. */
  readonly stage = async (load: Load, ...rows: Row[]): Promise<LoadProof> => {
    const { warehouse } = this.harness;
    const stage = await warehouse.stageRows(load, inBatches(rows.slice(0, 1), rows.slice(1)));
    return prove(warehouse, load, stage);
  };

  readonly commit = (load: Load, proof: LoadProof): Promise<CommitReceipt> =>
    this.harness.warehouse.commit(load, proof);

  readonly findCommit = (load: Load): Promise<CommitReceipt | undefined> =>
    this.harness.warehouse.findCommit(load);

  /** A whole load. */
  readonly run = async (load: Load, ...rows: Row[]): Promise<CommitReceipt> => {
    const proof = await this.stage(load, ...rows);
    const receipt = await this.commit(load, proof);
    await this.harness.warehouse.discard(load);
    return receipt;
  };

  /** The rows of `costs`, each as `day item cost`. */
  readonly costs = async (dataset = this.dataset): Promise<string[]> =>
    (await this.harness.read(dataset, 'costs')).map((row) => `${row.day} ${row.item} ${row.cost}`).sort();
}
