import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

const DEADLINE_MS = 30_000;
const POLL_MS = 20;
const IN_USE = /conflicting lock|could not set lock/i;

/** Rows of a query on a DuckDB file, every value as text. */
export function readWarehouse(path: string, sql: string): Promise<Record<string, string | null>[]> {
  return useWarehouse(path, { access_mode: 'READ_ONLY' }, async (connection) => {
    const reader = await connection.runAndReadAll(sql);
    return reader
      .getRowObjects()
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
        ),
      );
  });
}

/** Runs a statement on a DuckDB file. */
export function changeWarehouse(path: string, sql: string): Promise<void> {
  return useWarehouse(path, {}, async (connection) => {
    await connection.run(sql);
  });
}

async function useWarehouse<T>(
  path: string,
  options: Record<string, string>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await openWhenFree(path, options);
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A service keeps the file attached for a while after a load, for longer on a busy machine. */
async function openWhenFree(path: string, options: Record<string, string>): Promise<DuckDBInstance> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await DuckDBInstance.create(path, options);
    } catch (error) {
      if (!IN_USE.test(String(error)) || Date.now() > deadline) throw error;
      await delay(POLL_MS);
    }
  }
}
