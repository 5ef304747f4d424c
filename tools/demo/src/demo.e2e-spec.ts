import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@pipelines/service-driver';

const ENTRY = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const DEADLINE_MS = 60_000;

describe('the demo', () => {
  let dataDirectory: string;
  let output: string;
  let demo: ChildProcess;

  const start = (settings: Readonly<Record<string, string>> = {}): void => {
    output = '';
    demo = spawn(process.execPath, [ENTRY], {
      env: { PATH: process.env.PATH, DATA_DIR: dataDirectory, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [demo.stdout!, demo.stderr!]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
  };
  const ended = async (): Promise<readonly unknown[]> => {
    await until(`the demo ends, after\n${output}`, DEADLINE_MS, () => !isRunning());
    return [demo.exitCode, demo.signalCode];
  };
  const isRunning = () => demo.exitCode === null && demo.signalCode === null;

  beforeEach(async () => {
    dataDirectory = join(await mkdtemp(join(tmpdir(), 'pipelines demo-')), 'data');
  });

  afterEach(async () => {
    if (isRunning()) {
      demo.kill('SIGKILL');
      await once(demo, 'exit');
    }
    await rm(join(dataDirectory, '..'), { recursive: true });
  });

  it(
    'loads what was billed, and leaves nothing behind',
    async () => {
      start();

      expect(await ended()).toEqual([0, null]);
      expect(output).toContain('which are to the last digit what the providers billed');
      expect(output).toContain(`DUCKDB_PATH='${dataDirectory}/warehouse.duckdb' npm run focus:check`);
      expect(await readdir(dataDirectory)).not.toContain('instance.json');
    },
    DEADLINE_MS + 10_000,
  );

  it.each<[string, () => Promise<Record<string, string> | void>, string]>([
    [
      'the service cannot start',
      async () => {
        await mkdir(join(dataDirectory, 'postgres'), { recursive: true });
      },
      'is not a PostgreSQL data directory',
    ],
    [
      'the warehouse cannot be opened',
      async () => {
        await mkdir(dataDirectory);
        await writeFile(join(dataDirectory, 'warehouse.duckdb'), 'no database');
      },
      'warehouse.duckdb',
    ],
    [
      'the database is not to be reached',
      async () => ({ DATABASE_URL: 'postgres://postgres@127.0.0.1:9/postgres' }),
      'ECONNREFUSED',
    ],
  ])(
    'ends with an error when %s',
    async (_what, given, message) => {
      start((await given()) ?? {});

      expect(await ended()).toEqual([1, null]);
      expect(output).toContain('The demo did not succeed.');
      expect(output).toContain(message);
    },
    DEADLINE_MS + 10_000,
  );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops what it has started when it is told to stop by %s',
    async (signal) => {
      start();
      await until('it starts the service', DEADLINE_MS, async () =>
        (await readdir(dataDirectory).catch((): string[] => [])).includes('instance.json'),
      );

      demo.kill(signal);

      expect(await ended()).toEqual([null, signal]);
      expect(await readdir(dataDirectory)).not.toContain('instance.json');
    },
    DEADLINE_MS + 10_000,
  );
});
