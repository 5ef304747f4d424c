import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, rename, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.ts';
import { commandOf } from './process-identity.ts';

const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off' };
const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startEmbeddedPostgres', () => {
  let parent: string;
  let dataDirectory: string;
  let running: EmbeddedPostgres[];

  const start = async (options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> => {
    const postgres = await startEmbeddedPostgres({ dataDirectory, settings: NOT_DURABLE, ...options });
    running.push(postgres);
    return postgres;
  };

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'pipelines embedded-'));
    // What root finds closed is another spec's affair.
    if (process.getuid?.() === 0) await chmod(parent, 0o755);
    dataDirectory = join(parent, 'data');
    running = [];
  });

  afterEach(async () => {
    await Promise.all(running.map((postgres) => postgres.stop()));
    await rm(parent, { recursive: true, force: true });
  });

  it('keeps data from one start to the next, with one password', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();

    const second = await start();

    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect((await stat(join(dataDirectory, 'postgres.password'))).mode & 0o777).toBe(0o600);
  });

  it('listens on the loopback address alone, speaks UTC and UTF-8, and keeps what it was told to keep', async () => {
    const { url } = await start({ settings: {} });

    const names = ['listen_addresses', 'unix_socket_directories', 'TimeZone', 'server_encoding', 'fsync'];
    const [settings] = await query(
      url,
      `SELECT json_object_agg(name, setting) AS s FROM pg_settings WHERE name = ANY('{${names.join()}}')`,
    );

    expect(settings).toEqual({
      s: {
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        TimeZone: 'UTC',
        server_encoding: 'UTF8',
        fsync: 'on',
      },
    });
  });

  it('listens on the port of its settings, so that a start after a crash is found at the same address', async () => {
    const first = await start();
    const { port } = new URL(first.url);
    await first.stop();

    const second = await start({ settings: { ...NOT_DURABLE, port } });

    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses a wrong password', async () => {
    const url = new URL((await start()).url);
    url.password = 'guess';

    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('leaves no process, port or claim after stop', async () => {
    const { pid, url, stop } = await start();
    expect(await commandOf(pid)).toContain('postgres -D');

    await Promise.all([stop(), stop()]);

    expect(await commandOf(pid)).toBeUndefined();
    const [refusal] = await once(connect(Number(new URL(url).port), '127.0.0.1'), 'error');
    expect(refusal).toMatchObject({ code: 'ECONNREFUSED' });
    expect(await readdir(dataDirectory)).not.toContain('instance.json');
  });

  it('refuses a directory that a living process owns', async () => {
    await start();

    await expect(start()).rejects.toThrow(
      `DATA_DIR ${dataDirectory} is in use by process ${process.pid}. Stop that process, or set DATA_DIR to another directory.`,
    );
  });

  it.each([
    ['', 'data'],
    [', after the data directory was moved', 'moved data'],
  ])('takes over from an owner that was killed, and stops the server it left%s', async (_when, name) => {
    const module = new URL('./embedded-postgres.ts', import.meta.url).href;
    const script = `
      const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
      const options = ${JSON.stringify({ dataDirectory, settings: NOT_DURABLE })};
      const { pid, url } = await startEmbeddedPostgres(options);
      console.log(JSON.stringify({ pid, url }));`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const left = JSON.parse(line.toString()) as { pid: number; url: string };
    await query(left.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(await query(left.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await rename(dataDirectory, join(parent, name));
    dataDirectory = join(parent, name);

    const log = jest.fn();
    const { url } = await start({ log });

    expect(log).toHaveBeenCalledWith(
      `Stopping PostgreSQL, process ${left.pid}, which an earlier run left behind.`,
    );
    expect(await commandOf(left.pid)).toBeUndefined();
    expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('starts afresh when an earlier initdb was killed half-way', async () => {
    await mkdir(join(dataDirectory, 'postgres.initdb-Ab12Cd', 'base'), { recursive: true });

    const { url } = await start();

    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await readdir(dataDirectory)).filter((name) => name.includes('initdb'))).toEqual([]);
  });

  it('repeats what PostgreSQL said when it does not start, and leaves the directory free', async () => {
    await expect(start({ settings: { ...NOT_DURABLE, max_connections: 'many' } })).rejects.toThrow(
      /PostgreSQL ended with exit code 1\. [^]*invalid value for parameter "max_connections": "many"/,
    );

    await expect(start()).resolves.toBeDefined();
  });

  it('tells when the server ends by itself', async () => {
    const ended = Promise.withResolvers<Error>();
    const { pid } = await start({ onExit: ended.resolve });

    process.kill(pid, 'SIGKILL');

    expect((await ended.promise).message).toMatch(
      /^PostgreSQL ended with signal SIGKILL\. The end of its log/,
    );
  });

  it('does not call a stop an unexpected end', async () => {
    const onExit = jest.fn();
    const { stop } = await start({ onExit });

    await stop();

    expect(onExit).not.toHaveBeenCalled();
  });

  describe('given a directory that it did not make', () => {
    const makeCluster = async (files: Readonly<Record<string, string>>): Promise<void> => {
      const cluster = join(dataDirectory, 'postgres');
      await mkdir(cluster, { recursive: true });
      for (const [name, content] of Object.entries(files)) await writeFile(join(cluster, name), content);
    };

    it('refuses one that is no cluster', async () => {
      await makeCluster({ 'notes.txt': 'ours' });

      await expect(start()).rejects.toThrow(`${dataDirectory}/postgres is not a PostgreSQL data directory.`);
    });

    it('refuses a cluster of another release', async () => {
      await makeCluster({ PG_VERSION: '17\n' });

      await expect(start()).rejects.toThrow(
        `${dataDirectory}/postgres was made by PostgreSQL 17; this version runs PostgreSQL 18.`,
      );
    });

    it('refuses a cluster whose password is lost', async () => {
      await makeCluster({ PG_VERSION: '18\n' });

      await expect(start()).rejects.toThrow(`cannot be read from ${dataDirectory}/postgres.password`);
    });
  });

  itAsRoot('refuses a cluster of another user', async () => {
    const cluster = join(dataDirectory, 'postgres');
    await mkdir(cluster, { recursive: true });
    await writeFile(join(cluster, 'PG_VERSION'), '18\n');
    await chown(cluster, 54_321, 54_321);

    await expect(start()).rejects.toThrow(`${cluster} belongs to user id 54321, but`);
  });
});
