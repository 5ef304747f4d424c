import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseModule } from '@pipelines/database';
import { createTestDatabase } from '@pipelines/database/testing';
import { PipelineError, ProcessorsModule, Provider } from '@pipelines/pipeline';
import { IsString } from 'class-validator';
import { DataSource } from 'typeorm';
import { CredentialsModule } from '../credentials.module.ts';
import { CredentialStore } from './credential.store.ts';

class FakeSecret {
  @IsString() api_key: string;
}

@Provider({ name: 'openai', secret: FakeSecret })
class OpenAi {}

@Provider({ name: 'gcp', secret: FakeSecret })
class Gcp {}

@Provider({ name: 'focus' })
class Focus {}

@Module({ providers: [OpenAi, Gcp, Focus] })
class FakeProvidersModule {}

const KEY = randomBytes(32);
const SECRET = { api_key: 'sk-admin-abc' };

describe('CredentialStore', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let module: TestingModule;
  let store: CredentialStore;
  let dataSource: DataSource;

  const start = async (keyEncryptionKey: Buffer) => {
    const started = await Test.createTestingModule({
      imports: [
        DatabaseModule.forRoot({ url: database.url, poolSize: 4 }),
        ProcessorsModule,
        FakeProvidersModule,
        CredentialsModule.forRootAsync({ useFactory: () => ({ keyEncryptionKey }) }),
      ],
    }).compile();
    await started.init();
    return started;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    module = await start(KEY);
    store = module.get(CredentialStore);
    dataSource = module.get(DataSource);
    await dataSource.query(
      `INSERT INTO pipelines.organizations (slug, name) VALUES ('acme', 'Acme'), ('other', 'Other')`,
    );
  });

  afterEach(() => dataSource.query('DELETE FROM pipelines.credentials'));

  afterAll(async () => {
    await module?.close();
    await database?.drop();
  });

  it('opens what was put, as an instance of the provider’s class', async () => {
    await store.put('acme', 'openai', { ...SECRET, unused: 'x' });

    const secret = (await store.open('acme', 'openai')).reveal();

    expect(secret).toBeInstanceOf(FakeSecret);
    expect(secret).toEqual(SECRET);
  });

  it('opens an empty secret of a provider that takes none, and stores none', async () => {
    expect((await store.open('acme', 'focus')).reveal()).toEqual({});
    await expect(store.put('acme', 'focus', SECRET)).rejects.toMatchObject({
      code: 'credential_malformed',
      message: expect.stringContaining('focus takes no credential'),
    });
  });

  it('keeps the credentials of a provider apart by name', async () => {
    await store.put('acme', 'openai', SECRET);
    await store.put('acme', 'openai', { api_key: 'sk-admin-second' }, 'second');

    expect((await store.open('acme', 'openai', 'second')).reveal()).toEqual({ api_key: 'sk-admin-second' });
    expect((await store.open('acme', 'openai')).reveal()).toEqual(SECRET);
  });

  it('replaces the secret and raises the version', async () => {
    expect(await store.put('acme', 'openai', SECRET)).toBe(1);
    expect(await store.put('acme', 'openai', { api_key: 'sk-admin-new' })).toBe(2);

    const rows = await dataSource.query(
      'SELECT version, updated_at >= created_at AS dated FROM pipelines.credentials',
    );
    expect(rows).toEqual([{ version: 2, dated: true }]);
    const { secret, version } = await store.openVersion('acme', 'openai', 'default');
    expect([secret.reveal(), version]).toEqual([{ api_key: 'sk-admin-new' }, 2]);
  });

  it('gives every one of many parallel puts a version of its own', async () => {
    const puts = Array.from({ length: 10 }, (_, index) =>
      store.put('acme', 'openai', { api_key: `sk-admin-${index + 1}` }),
    );

    const versions = await Promise.all(puts);

    expect(versions.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const last = versions.indexOf(10) + 1;
    expect((await store.open('acme', 'openai')).reveal()).toEqual({ api_key: `sk-admin-${last}` });
  });

  it('stores nothing in the clear', async () => {
    await store.put('acme', 'openai', SECRET);

    const [{ text }] = await dataSource.query(
      `SELECT c::text || encode(ciphertext, 'escape') AS text FROM pipelines.credentials c`,
    );

    expect(text).not.toContain('sk-admin');
    expect(text).not.toContain(Buffer.from('sk-admin').toString('hex'));
  });

  it('gives back what no log, text or JSON shows', async () => {
    await store.put('acme', 'openai', SECRET);

    const secret = await store.open('acme', 'openai');

    expect([
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
    ]).toEqual(['[redacted]', '{"secret":"[redacted]"}', '{ secret: [redacted] }']);
  });

  it.each([
    ['another organization', "org_slug = 'other'", ['other', 'openai', 'default']],
    ['another provider', "provider = 'gcp'", ['acme', 'gcp', 'default']],
    ['another name', "name = 'second'", ['acme', 'openai', 'second']],
    ['another version', 'version = 2', ['acme', 'openai', 'default']],
    ['an altered ciphertext', 'ciphertext = set_byte(ciphertext, 0, get_byte(ciphertext, 0) # 1)', undefined],
    ['an altered tag', 'tag = set_byte(tag, 15, get_byte(tag, 15) # 128)', undefined],
    ['a shortened tag', 'tag = substring(tag for 4)', undefined],
    [
      'an altered wrapped key',
      'wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 4)',
      undefined,
    ],
  ] as const)(
    'does not open a row moved to %s',
    async (_what, change, place = ['acme', 'openai', 'default']) => {
      await store.put('acme', 'openai', SECRET);
      await dataSource.query(`UPDATE pipelines.credentials SET ${change}`);

      await expect(store.open(...(place as [string, string, string]))).rejects.toMatchObject({
        code: 'credential_undecryptable',
      });
    },
  );

  it('does not open what another key-encryption key wrapped, and says which one did', async () => {
    await store.put('acme', 'openai', SECRET);
    const other = await start(randomBytes(32));

    const error = await other
      .get(CredentialStore)
      .open('acme', 'openai')
      .catch((thrown: unknown) => thrown as PipelineError)
      .finally(() => other.close());

    expect(error).toBeInstanceOf(PipelineError);
    expect(error).toMatchObject({
      code: 'credential_undecryptable',
      operatorDetail: expect.stringMatching(/^version 1, wrapped by local:[0-9a-f]{8}$/),
    });
  });

  it('says how to store a credential that is missing', async () => {
    await expect(store.open('acme', 'openai')).rejects.toMatchObject({
      code: 'credential_missing',
      message: expect.stringContaining('PUT /api/v1/credentials/acme/openai with {"secret": {…}}'),
    });
  });

  it('stores nothing that is malformed, or of an unknown provider', async () => {
    await expect(store.put('acme', 'openai', { api_key: 3 })).rejects.toMatchObject({
      code: 'credential_malformed',
    });
    await expect(store.put('acme', 'opnai', SECRET)).rejects.toMatchObject({ code: 'provider_not_found' });

    expect(await dataSource.query('SELECT 1 FROM pipelines.credentials')).toEqual([]);
  });
});
