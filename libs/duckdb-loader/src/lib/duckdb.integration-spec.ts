import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Duckdb } from './duckdb.ts';

const MIB = 1_024 * 1_024;

describe('Duckdb', () => {
  let directory: string;
  let staging: string;
  let duckdb: Duckdb;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'duckdb-'));
    staging = join(directory, 'staging');
    duckdb = new Duckdb(staging);
  });
  afterEach(async () => {
    await duckdb.close();
    await rm(directory, { recursive: true });
  });

  const limitOf = async (connection: DuckDBConnection) => {
    const read = await connection.runAndReadAll(`SELECT current_setting('memory_limit')`);
    const [number] = String(read.getRows()[0]![0]).split(' MiB');
    return Math.round((Number(number) * MIB) / 1e6);
  };

  it('lets a use take what it may, and as much as the largest of those under way', async () => {
    expect(await duckdb.use(limitOf, 64)).toBe(64);
    await duckdb.use(async (connection) => {
      expect(await duckdb.use(limitOf, 64)).toBe(256 + 32);
      expect(await limitOf(connection)).toBe(256 + 32);
    }, 256);
    expect(await duckdb.use(limitOf, 64)).toBe(64);
  });

  it('gives each use what it may take, however many begin and end at once', async () => {
    const least = async (memoryMb: number) =>
      expect(await duckdb.use(limitOf, memoryMb)).toBeGreaterThanOrEqual(memoryMb);

    for (let round = 0; round < 100; round++) {
      await Promise.all([least(64), least(256), least(48), least(128)]);
      await least(32);
    }
  });

  it('spills what exceeds the memory also before anything was staged, and leaves nothing of it', async () => {
    const spilled = await duckdb.use(async (connection) => {
      await connection.run(
        'CREATE TEMP TABLE large AS SELECT range AS number, hash(range) AS hash FROM range(8000000)',
      );
      return readdir(staging);
    }, 48);

    expect(spilled).toEqual([expect.stringMatching(/^spill_/)]);
    await duckdb.close();
    expect(await readdir(staging)).toEqual([]);
  });

  it('interrupts a statement when aborted, and goes on', async () => {
    const abort = new AbortController();
    const endless = duckdb.use(
      (connection) => connection.run('SELECT sum(a.range) FROM range(10000000) a, range(10000000) b'),
      64,
      abort.signal,
    );
    setTimeout(() => abort.abort(new Error('timed out')), 100);

    await expect(endless).rejects.toThrow('INTERRUPT');
    expect(await duckdb.use(limitOf, 64)).toBe(64);
  });
});
