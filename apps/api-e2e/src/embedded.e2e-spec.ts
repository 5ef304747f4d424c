import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiClient, freePort, ServiceProcess, type RunStatus } from '@pipelines/service-driver';
import { untilEnded } from './testing/until-ended.ts';
import { readWarehouse } from './testing/warehouse.ts';

const ORG = 'acme_corp';
const execFileAsync = promisify(execFile);

describe('the service with nothing but its defaults', () => {
  let directory: string;
  let port: number;
  const started: ServiceProcess[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pipelines-embedded-'));
    // PostgreSQL runs as another user when the tests run as root.
    await chmod(directory, 0o755);
    port = await freePort();
  });

  afterEach(async () => {
    for (const service of started.splice(0)) await service.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const dataDirectory = () => join(directory, 'data');
  const start = async (settings: Record<string, string> = {}): Promise<ServiceProcess> => {
    const service = await ServiceProcess.start(
      { DATA_DIR: dataDirectory(), ...settings },
      port,
      join(directory, 'service.log'),
    );
    started.push(service);
    return service;
  };

  it('prints a curl line that works as pasted, and keeps everything between starts', async () => {
    const first = await start();
    const curl = await first.untilPrinted(/^ {2}(curl .*)$/m);
    const key = await first.untilPrinted(/Demo API key +(\S+)/);

    const { stdout } = await execFileAsync('bash', ['-c', `${curl} --silent`]);
    const { run_id, status } = JSON.parse(stdout) as RunStatus;
    expect(status).toBe('pending');
    const api = new ApiClient(first.baseUrl, key);
    const run = await untilEnded(api, ORG, run_id);
    expect(run).toMatchObject({ status: 'completed' });
    const [rows] = await readWarehouse(
      join(dataDirectory(), 'warehouse.duckdb'),
      'SELECT count(*) AS rows FROM acme_corp_dev.openai_costs',
    );
    expect(Number(rows!.rows)).toBe(run.receipt!.rows.committed);

    const postgresPid = await pidOfPostgres(dataDirectory());
    expect(await first.stop()).toBe(0);
    expect(await isAlive(postgresPid)).toBe(false);
    await expect(fetch(first.baseUrl)).rejects.toThrow();

    const second = await start();
    expect(await second.untilPrinted(/Demo API key +(\S+)/)).toBe(key);
    const { runs } = await api.call<{ runs: RunStatus[] }>('GET', `pipelines/history/${ORG}`);
    expect(runs).toEqual([run]);
  }, 60_000);

  it('starts again after it was killed, without a manual step', async () => {
    const killed = await start();
    const key = await killed.untilPrinted(/Demo API key +(\S+)/);
    const orphan = await pidOfPostgres(dataDirectory());
    await killed.kill('SIGKILL');
    expect(await isAlive(orphan)).toBe(true);

    const next = await start();

    expect(await isAlive(orphan)).toBe(false);
    const api = new ApiClient(next.baseUrl, key);
    expect((await api.send('GET', `pipelines/history/${ORG}`)).status).toBe(200);
  }, 60_000);

  it('names a busy port, and leaves nothing behind', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    port = (squatter.address() as AddressInfo).port;

    await expect(start()).rejects.toThrow(
      new RegExp(`Port ${port} on 127.0.0.1 is in use.*PORT=${port + 1}`),
    );

    expect(existsSync(dataDirectory())).toBe(false);
    squatter.close();
  });

  it('does not share its data directory with another', async () => {
    await start();
    port = await freePort();

    await expect(start()).rejects.toThrow(/in use by process \d+/);
  }, 60_000);

  it('lists all bad settings at once', async () => {
    await expect(start({ ROLE: 'boss', LOG_LEVEL: 'loud', APP_ENV: 'A' })).rejects.toThrow(
      /APP_ENV[^]*ROLE|ROLE[^]*APP_ENV/,
    );
  });

  it('logs a line for each request, without its query or headers', async () => {
    const service = await start({ LOG_LEVEL: 'info' });
    const key = 'pk_00000000_not-a-key-that-exists';

    await fetch(`${service.baseUrl}/api/v1/quota/${ORG}?token=in-the-query`, {
      headers: { 'x-api-key': key },
    });

    const line = await service.untilPrinted(/^(.*"path":"\/api\/v1\/quota.*)$/m);
    expect(JSON.parse(line)).toMatchObject({
      method: 'GET',
      path: `/api/v1/quota/${ORG}`,
      status: 401,
      request_id: expect.any(String),
      duration_ms: expect.any(Number),
    });
    expect(line).not.toMatch(/in-the-query|not-a-key/);
  }, 60_000);

  it('keeps its key files to itself', async () => {
    const service = await start();
    await service.stop();
    await chmod(join(dataDirectory(), 'credentials.key'), 0o644);

    await expect(start()).rejects.toThrow(/credentials.key can be read by others.*chmod 600/);
  }, 60_000);

  it('serves its documentation from this machine alone', async () => {
    const { baseUrl } = await start();

    const page = await (await fetch(`${baseUrl}/docs`)).text();
    const document = (await (await fetch(`${baseUrl}/api/v1/openapi.json`)).json()) as { paths: object };

    expect(page).toContain('swagger-ui');
    expect(page).not.toMatch(/(src|href)="https?:/);
    expect(Object.keys(document.paths)).toContain(
      '/api/v1/pipelines/run/{org}/{provider}/{domain}/{pipeline}',
    );
    for (const [, asset] of page.matchAll(/(?:src|href)="\.?\/?(docs\/[^"]+)"/g)) {
      const answer = await fetch(`${baseUrl}/${asset}`);
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    }
  }, 60_000);
});

async function pidOfPostgres(dataDirectory: string): Promise<number> {
  return Number((await readFile(join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** Whether the process runs; one that has ended but that nobody waited for does not. */
async function isAlive(pid: number): Promise<boolean> {
  const state = await execFileAsync('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return state.stdout.trim() !== '' && !state.stdout.startsWith('Z');
}
