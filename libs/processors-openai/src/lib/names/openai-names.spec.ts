import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient } from '@pipelines/pipeline';
import { FakeProvider } from '@pipelines/pipeline/testing';
import { OpenAiClient } from '../openai-client.ts';
import { contextOf, listPage, withNames } from '../testing/openai-answers.ts';
import { OpenAiNames } from './openai-names.ts';

const ROW = { projectId: 'proj_A1', apiKeyId: 'key_1', userId: 'user-1' };

describe('OpenAiNames', () => {
  let provider: FakeProvider;
  let names: OpenAiNames;
  let context: ReturnType<typeof contextOf>;

  const asked = (): string[] => provider.requests.map(({ path, query }) => `${path}?${query.toString()}`);

  beforeAll(async () => {
    Logger.overrideLogger(false);
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
    provider.answer = withNames(() => ({ status: 404, body: '{}' }));
    const http = new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 });
    const client = new OpenAiClient({ baseUrl: `${provider.url}/v1` }, http);
    context = contextOf(['2026-11-01', '2026-11-02'], {});
    names = new OpenAiNames(client, context);
  });

  afterAll(() => provider.stop());

  it('reads projects, archived ones too, the keys of the projects that occur, and users', async () => {
    await names.readFor([ROW, ROW]);

    expect(asked()).toEqual([
      '/v1/organization/projects?limit=100&include_archived=true',
      '/v1/organization/projects/proj_A1/api_keys?limit=100&owner_project_access=any',
      '/v1/organization/users?limit=100',
    ]);
    expect([names.project('proj_A1'), names.project('proj_B2')]).toEqual(['Assistant', 'Bygone']);
    expect([names.apiKey('key_1'), names.ownerOf('key_1')]).toEqual([
      'production',
      { id: 'user-1', name: 'Ada' },
    ]);
    expect(names.ownerOf('key_2')).toEqual({ id: 'user-sa', name: 'nightly' });
    expect(names.user('user-1')).toBe('Ada');
  });

  it('asks for each list once', async () => {
    await names.readFor([ROW]);
    const before = asked();

    await names.readFor([ROW]);

    expect(asked()).toEqual(before);
  });

  it('asks for nothing that no row needs', async () => {
    await names.readFor([{ projectId: null, apiKeyId: null }]);

    expect(asked()).toEqual([]);
  });

  it('looks for a user who is none among the service accounts of the project', async () => {
    await names.readFor([{ projectId: 'proj_A1', apiKeyId: null, userId: 'user-sb' }]);

    expect(asked().at(-1)).toBe('/v1/organization/projects/proj_A1/service_accounts?limit=100');
    expect(names.user('user-sb')).toBe('unkeyed');
  });

  it('knows no name of what is deleted, or has none', async () => {
    await names.readFor([{ ...ROW, userId: 'user-2' }]);

    expect([names.apiKey('key_gone'), names.project('proj_gone'), names.user('user-2')]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it.each([403, 401, 404, 400])(
    'goes on without names after HTTP %d, asking three lists of a kind',
    async (status) => {
      provider.answer = () => ({ status, body: '{"error":{"message":"no"}}' });

      await names.readFor([ROW, { ...ROW, projectId: 'proj_B2' }]);
      for (const projectId of ['proj_C3', 'proj_D4', 'proj_E5']) {
        await names.readFor([{ ...ROW, projectId }]);
      }

      expect([names.project('proj_A1'), names.apiKey('key_1'), names.user('user-1')]).toEqual([
        null,
        null,
        null,
      ]);
      expect(provider.requests).toHaveLength(8);
      expect(context.leftOut.parts.map(({ part }) => part)).toEqual([
        'names of projects',
        'names and owners of API keys',
        'names of users',
        'names of service accounts',
      ]);
    },
  );

  it.each([403, 500])(
    'goes on with the keys of other projects, and with users, when one list is answered HTTP %d',
    async (status) => {
      const answer = withNames(() => ({ status: 404, body: '{}' }));
      provider.answer = (request) =>
        request.path.endsWith('proj_B2/api_keys') ? { status, body: '{}' } : answer(request);

      await names.readFor([{ ...ROW, projectId: 'proj_B2' }, ROW]);

      expect([names.apiKey('key_1'), names.user('user-1')]).toEqual(['production', 'Ada']);
      expect(context.leftOut.parts).toMatchObject([{ part: 'names and owners of API keys' }]);
    },
  );

  it('goes on with the keys of other projects when one project is gone', async () => {
    await names.readFor([{ ...ROW, projectId: 'proj_gone' }, ROW]);

    expect(names.apiKey('key_1')).toBe('production');
  });

  it.each([
    ['a server error', { status: 500, body: '{}' }],
    ['a truncated list', { body: '{"data":[{"id":"proj_A1","na' }],
    ['an item without id', { body: listPage(['{"name":"x"}']) }],
    ['a list that goes round in a circle', { body: listPage(['{"id":"proj_A1","name":"x"}'], 'proj_A1') }],
  ])('keeps nothing of a list that ends in %s', async (_kind, reply) => {
    provider.answer = () => reply;

    await names.readFor([{ projectId: 'proj_A1', apiKeyId: null }]);

    expect(names.project('proj_A1')).toBeNull();
  });

  it('goes on without any name once the time for all of them is over', async () => {
    provider.answer = () => 'hang';
    const client = new OpenAiClient({ baseUrl: `${provider.url}/v1` }, new ProviderHttpClient());
    const hurried = new OpenAiNames(client, contextOf(['2026-11-01', '2026-11-02'], {}), 50);

    await hurried.readFor([ROW, { ...ROW, projectId: 'proj_B2' }]);

    expect(asked()).toEqual(['/v1/organization/projects?limit=100&include_archived=true']);
    expect([hurried.project('proj_A1'), hurried.user('user-1')]).toEqual([null, null]);
  });

  it('ends with the reason when the run is aborted', async () => {
    const abort = new AbortController();
    provider.answer = () => {
      abort.abort(new Error('lease lost'));
      return 'hang';
    };
    const client = new OpenAiClient({ baseUrl: `${provider.url}/v1` }, new ProviderHttpClient());
    const context = { ...contextOf(['2026-11-01', '2026-11-02'], {}), signal: abort.signal };

    await expect(new OpenAiNames(client, context).readFor([ROW])).rejects.toThrow('lease lost');
  });
});
