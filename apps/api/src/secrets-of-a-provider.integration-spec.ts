import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createTestDatabase, type TestDatabase } from '@pipelines/database/testing';
import { FakeProvider, type FakeReply, type FakeRequest } from '@pipelines/pipeline/testing';
import { Logger, PARAMS_PROVIDER_TOKEN, PinoLogger } from 'nestjs-pino';
import { AppModule } from './app.module.ts';
import { loggerOptions } from './http/logger.module.ts';
import { logRequests } from './http/request-log.ts';
import { REAL_ENDPOINTS } from './service-parts.ts';
import { parseSettings } from './settings/parse-settings.ts';
import { KEYED_PIPELINE, KeyedProviderModule } from './testing/keyed-provider.ts';

const KEY = 'q7/Zt+"kept" für=uns & co';
const ROOT_KEY = 'root-key-of-the-spec-0123456789';

/** The key as it may turn up; a part of the base64 of it, because what was encoded with it moves its bits. */
const TRACES: readonly string[] = [
  KEY,
  'q7/Zt',
  'q7%2FZt',
  'q7%252FZt',
  'kept',
  encodeURIComponent(KEY),
  JSON.stringify(KEY).slice(1, -1),
  Buffer.from(KEY).toString('hex'),
  Buffer.from(KEY).toString('base64').slice(4, 28),
  Buffer.from(`a${KEY}`).toString('base64').slice(4, 28),
  Buffer.from(`ab${KEY}`).toString('base64').slice(4, 28),
];

/** Everything that the provider was sent, as it may repeat it. */
const echoOf = ({ headers, url, body }: FakeRequest): readonly string[] => [
  String(headers['x-keyed-token']),
  String(headers['x-keyed-basic']),
  url,
  decodeURIComponent(url),
  encodeURIComponent(url),
  body,
  JSON.stringify({ body }),
];

describe('the secret of a provider that repeats it', () => {
  let provider: FakeProvider;
  let database: TestDatabase;
  let directory: string;
  let app: NestFastifyApplication;
  let log = '';

  const call = async <T>(method: 'GET' | 'PUT' | 'POST', path: string, payload?: object): Promise<T> => {
    const headers = { 'x-api-key': ROOT_KEY };
    const { statusCode, body } = await app.inject({ method, url: `/api/v1/${path}`, headers, payload });
    if (statusCode >= 300) throw new Error(`${statusCode} ${body}`);
    return (body ? JSON.parse(body) : undefined) as T;
  };

  /** Runs the pipeline; resolves with what the API says of the run that has ended. */
  const run = async (): Promise<{ status: string; error?: { code: string } }> => {
    const { run_id } = await call<{ run_id: string }>('POST', 'pipelines/run/acme/keyed/cost/costs', {
      date: '2026-11-01',
    });
    for (;;) {
      const run = await call<{ status: string }>('GET', `pipelines/status/acme/${run_id}`);
      if (run.status === 'completed' || run.status === 'failed') return run;
      await delay(20);
    }
  };

  /** Every row of every table, as text. */
  const rows = async (): Promise<string> => {
    const tables = await database.dataSource.query<{ name: string }[]>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts = await Promise.all(
      tables.map(({ name }) =>
        database.dataSource.query<{ row: string }[]>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`),
      ),
    );
    return texts.flatMap((found) => found.map(({ row }) => row)).join('\n');
  };

  beforeAll(async () => {
    provider = await FakeProvider.start();
    database = await createTestDatabase();
    directory = await mkdtemp(join(tmpdir(), 'pipelines-secrets-'));
    await mkdir(join(directory, 'configs/keyed/cost'), { recursive: true });
    await writeFile(join(directory, 'configs/keyed/cost/costs.yml'), KEYED_PIPELINE);
    const settings = parseSettings({
      DATABASE_URL: database.url,
      DATA_DIR: directory,
      CONFIGS_DIR: join(directory, 'configs'),
      CREDENTIALS_KEY: randomBytes(32).toString('base64'),
      ROOT_API_KEY: ROOT_KEY,
    });
    const parts = {
      settings,
      databaseUrl: database.url,
      supabaseUrl: database.url,
      managesSubscriptions: false,
      rootApiKey: ROOT_KEY,
      credentialsKey: Buffer.from(settings.CREDENTIALS_KEY!, 'base64'),
      duckdbPath: join(directory, 'warehouse.duckdb'),
      endpoints: REAL_ENDPOINTS,
    };
    const stream = new Writable({
      write(line: Buffer, _encoding, done) {
        log += line.toString();
        done();
      },
    });
    const testing = await Test.createTestingModule({
      imports: [AppModule.forRoot(parts), KeyedProviderModule.forRoot(provider.url)],
    })
      .overrideProvider(PARAMS_PROVIDER_TOKEN)
      .useValue({ pinoHttp: [loggerOptions('trace'), stream] })
      .compile();
    app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { bufferLogs: true });
    app.useLogger(app.get(Logger));
    logRequests(app.getHttpAdapter().getInstance(), PinoLogger.root);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();

    await database.dataSource.query(
      `CREATE TABLE public.subscription_limits (org_slug text PRIMARY KEY, status text, trial_ends_at timestamptz,
         daily_limit int, monthly_limit int, concurrent_limit int)`,
    );
    await database.dataSource.query(
      `INSERT INTO public.subscription_limits (org_slug, status) VALUES ('acme', 'ACTIVE')`,
    );
    await call('PUT', 'organizations/acme', { name: 'Acme' });
    await call('PUT', 'credentials/acme/keyed', { secret: { api_key: KEY, account: 'acme-billing' } });
  });

  afterAll(async () => {
    await app.close();
    await provider.stop();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  it.each<[string, string, (echoed: string) => FakeReply]>([
    [
      'the message of a refusal',
      'credential_rejected',
      (echoed) => ({ status: 401, body: JSON.stringify({ error: { message: `Unknown key: ${echoed}` } }) }),
    ],
    [
      'an error text',
      'provider_rejected_request',
      (echoed) => ({ status: 400, body: JSON.stringify({ error: echoed }) }),
    ],
    [
      'the id of the request',
      'credential_rejected',
      (echoed) => ({
        status: 403,
        headers: { 'x-request-id': echoed.replace(/[^\x20-\xff]/g, '') },
        body: '{}',
      }),
    ],
    [
      'an answer that is not JSON',
      'provider_response_invalid',
      (echoed) => ({ body: `<html>${echoed}</html>` }),
    ],
    [
      'an answer that begins with it',
      'provider_response_invalid',
      (echoed) => ({ body: echoed.replace(/^[{"]/, '') }),
    ],
    [
      'rows that come twice',
      'duplicate_rows',
      (echoed) => ({ body: JSON.stringify({ items: [echoed, echoed] }) }),
    ],
  ])('is nowhere to be seen after %s', async (_where, code, reply) => {
    let count = 1;
    for (let index = 0; index < count; index++) {
      provider.answer = (request) => {
        const echoes = echoOf(request);
        count = echoes.length;
        return reply(echoes[index]!);
      };

      const ended = await run();

      expect(ended).toMatchObject({ status: 'failed', error: { code } });
      const shown = [JSON.stringify(ended), log, await rows()].join('\n');
      expect(TRACES.filter((trace) => shown.includes(trace))).toEqual([]);
    }
    expect(count).toBe(7);
    expect(log).toContain('acme-billing');
  });

  it('is nowhere to be seen in the lists of runs', async () => {
    const { runs } = await call<{ runs: unknown[] }>('GET', 'pipelines/history/acme');

    expect(runs.length).toBeGreaterThan(0);
    expect(TRACES.filter((trace) => JSON.stringify(runs).includes(trace))).toEqual([]);
  });
});
