import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { ExportTable } from './export-tables.ts';

const LOCK_WAIT_MS = 30_000;
const LOCK_POLL_MS = 50;
/** By another process, or by another user in this one. */
const IN_USE = /conflicting lock|could not set lock|unique file handle conflict/i;

/** The exports of one organization in a DuckDB file, which is open for as long as it is worked with. */
export class ExportFile {
  private constructor(
    private readonly connection: DuckDBConnection,
    private readonly dataset: string,
  ) {}

  /** Opens the file, creating it when missing; by way of the cache, where DuckDB knows what else this process has open. */
  static async use<T>(path: string, dataset: string, work: (file: ExportFile) => Promise<T>): Promise<T> {
    if (!/^[a-z][a-z0-9_]*$/.test(dataset)) throw new Error(`"${dataset}" is no name of a dataset.`);
    await mkdir(dirname(path), { recursive: true });
    const instance = await open(path);
    try {
      const connection = await instance.connect();
      try {
        await connection.run(`SET TimeZone = 'UTC'; CREATE SCHEMA IF NOT EXISTS "${dataset}"`);
        return await work(new ExportFile(connection, dataset));
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  }

  async ensure({ name, columns }: ExportTable): Promise<void> {
    const definitions = Object.entries(columns).map(([column, type]) => `"${column}" ${type}`);
    await this.connection.run(
      `CREATE TABLE IF NOT EXISTS "${this.dataset}"."${name}" (${definitions.join(', ')})`,
    );
  }

  /** The first and the last value of an instant, as texts; undefined when there are no rows. */
  async rangeOf(
    { name }: ExportTable,
    column: string,
  ): Promise<readonly [first: string, last: string] | undefined> {
    const text = (aggregate: string) => `strftime(${aggregate}("${column}"), '%Y-%m-%dT%H:%M:%S.%fZ')`;
    const found = await this.connection.runAndReadAll(
      `SELECT ${text('min')}, ${text('max')} FROM "${this.dataset}"."${name}"`,
    );
    const [first, last] = found.getRowsJS()[0] as [string | null, string | null];
    return first === null || last === null ? undefined : [first, last];
  }

  /** The latest export time of each billing account. */
  async latestByAccount({ name }: ExportTable): Promise<ReadonlyMap<string, string>> {
    const found = await this.connection.runAndReadAll(
      `SELECT billing_account_id, strftime(max(export_time), '%Y-%m-%dT%H:%M:%S.%fZ')
       FROM "${this.dataset}"."${name}" GROUP BY 1`,
    );
    return new Map(found.getRowsJS() as [string, string][]);
  }

  /** Adds rows to each of the tables, which take of them the columns that they have; all of it or nothing. */
  async append(tables: readonly ExportTable[], rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return;
    const directory = await mkdtemp(join(tmpdir(), 'gcp-export-'));
    try {
      const file = join(directory, 'rows.json');
      await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      await this.connection.run('BEGIN TRANSACTION');
      for (const { name, columns } of tables) {
        const types = Object.entries(columns).map(([column, type]) => `'${column}': '${type}'`);
        await this.connection.run(
          `INSERT INTO "${this.dataset}"."${name}" BY NAME
           SELECT * FROM read_json('${file.replaceAll("'", "''")}', format = 'newline_delimited', columns = {${types.join(', ')}})`,
        );
      }
      await this.connection.run('COMMIT');
    } finally {
      await rm(directory, { recursive: true });
    }
  }
}

/** Others have the file open while they work with it, and no longer. */
async function open(path: string): Promise<DuckDBInstance> {
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return await DuckDBInstance.fromCache(path);
    } catch (error) {
      if (!IN_USE.test(String(error)) || Date.now() > deadline) throw error;
      await delay(LOCK_POLL_MS);
    }
  }
}
