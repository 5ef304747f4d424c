import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EarlierLoad, Load, StageReceipt } from '@pipelines/pipeline';
import { DuckdbFile, type DuckdbResources } from './duckdb-file.ts';
import { ensureDirectory } from './ensure-directory.ts';

/** Of one attempt: its file, DuckDB's log of what the file lacks yet, and the folder that DuckDB spills to. */
const STAGING_FILE = /^[A-Za-z0-9-]+_\d+\.duckdb(\.wal|\.tmp)?$/;
/** Each run under way has such a file open, and appends to it from one thread. */
const RESOURCES: DuckdbResources = { memoryMb: 64, threads: 1 };
const LIFETIME_MS = 24 * 60 * 60 * 1_000;

/**
 * Keeps the rows of each attempt in a file of its own: slow extraction never holds the main file's lock, and no run
 * can see another's rows. What a killed process left behind, and nobody discarded, is removed after a day.
 */
export class StagingArea {
  constructor(
    private readonly directory: string,
    private readonly lockWaitMs: number,
  ) {}

  /** The attempt's file, whether it exists or not. */
  pathOf({ runId, attempt }: EarlierLoad): string {
    return join(this.directory, `${runId}_${attempt}.duckdb`);
  }

  /** The attempt's file to work in. A transaction that saw it attached, when a query staged it, may still hold it. */
  fileOf(load: Load): DuckdbFile {
    return new DuckdbFile(this.pathOf(load), this.lockWaitMs, RESOURCES);
  }

  has(load: Load): boolean {
    return existsSync(this.pathOf(load));
  }

  /** What the attempt's closed file took. */
  async measure(load: Load): Promise<StageReceipt> {
    const { size } = await stat(this.pathOf(load));
    return { bytesStaged: size, bytesProcessed: 0, jobIds: [] };
  }

  /** Makes room for an attempt: the directory exists and the attempt's file does not. */
  async clear(load: Load): Promise<void> {
    await ensureDirectory(this.directory);
    await this.removeExpired();
    await this.discard(load);
  }

  async discard(load: EarlierLoad): Promise<void> {
    const path = this.pathOf(load);
    for (const part of ['', '.wal', '.tmp']) await rm(path + part, { force: true, recursive: true });
  }

  private async removeExpired(): Promise<void> {
    for (const name of await readdir(this.directory)) {
      if (!STAGING_FILE.test(name)) continue;
      const path = join(this.directory, name);
      const modified = (await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity;
      if (Date.now() - modified > LIFETIME_MS) await rm(path, { force: true, recursive: true });
    }
  }
}
