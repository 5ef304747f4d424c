import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';

const LOCK_DEADLINE_MS = 30_000;
const POLL_MS = 50;

/** The DuckDB file of the cluster, which every process opens for as long as it needs it. */
export class Warehouse {
  constructor(private readonly path: string) {}

  /** Rows of a query, every value as text. Waits while a process has the file open. */
  async query(sql: string): Promise<Record<string, string | null>[]> {
    const instance = await this.open('READ_ONLY');
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
      instance.closeSync();
    }
  }

  /** Keeps every other process out of the file; resolves with what lets them in again. */
  async lock(): Promise<() => void> {
    const instance = await this.open('READ_WRITE');
    return () => instance.closeSync();
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
