import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  selectCosts,
  toLoadedRow,
  type HeldCommit,
  type LoadedRow,
  type TargetWarehouse,
} from './target-warehouse.ts';

const LOCK_DEADLINE_MS = 30_000;
const POLL_MS = 50;

/** The DuckDB file of the cluster, which every process opens for as long as it needs it. */
export class Warehouse implements TargetWarehouse {
  readonly settings = { WAREHOUSE: 'duckdb' };

  constructor(private readonly path: string) {}

  /** Rows of a query, every value as text. Waits while a process has the file open. */
  async query(sql: string): Promise<Record<string, string | null>[]> {
    const instance = await this.open('READ_ONLY');
    try {
      const connection = await instance.connect();
      try {
        const reader = await connection.runAndReadAll(sql);
        return reader
          .getRowObjects()
          .map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
            ),
          );
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  }

  async committedRuns(): Promise<string[]> {
    const commits = await this.query('SELECT run_id FROM _pipelines.commits');
    return commits.map(({ run_id }) => run_id!);
  }

  async costsOf(org: string): Promise<LoadedRow[]> {
    return (await this.query(selectCosts(org))).map(toLoadedRow);
  }

  /** Keeps every other process out of the file; resolves with what lets them in again. */
  async lock(): Promise<() => void> {
    const instance = await this.open('READ_WRITE');
    return () => instance.closeSync();
  }

  /** A worker that waits for the file cannot be told from one that is about to; the caller knows that it is. */
  async holdNextCommit(): Promise<HeldCommit> {
    const unlock = await this.lock();
    return { begun: Promise.resolve(), release: async () => unlock() };
  }

  private async open(access: 'READ_ONLY' | 'READ_WRITE'): Promise<DuckDBInstance> {
    const deadline = Date.now() + LOCK_DEADLINE_MS;
    for (;;) {
      try {
        return await DuckDBInstance.create(this.path, { access_mode: access });
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(POLL_MS);
      }
    }
  }
}
