import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient } from '@pipelines/pipeline';
import { FakeProvider } from '@pipelines/pipeline/testing';
import { AnthropicClient } from '../anthropic-client.ts';
import { contextOf, listPage, withNames } from '../testing/anthropic-answers.ts';
import { AnthropicNames } from './anthropic-names.ts';

const ROW = { workspaceId: 'wrkspc_1', apiKeyId: 'apikey_1' };
const UNNAMED = { workspace_id: 'wrkspc_1', default_workspace_id: null, workspace_name: null };

describe('AnthropicNames', () => {
  let provider: FakeProvider;
  let names: AnthropicNames;

  const asked = (): string[] => provider.requests.map(({ path, query }) => `${path}?${query.toString()}`);

  beforeAll(async () => {
    Logger.overrideLogger(false);
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
    provider.answer = withNames(() => ({ status: 404, body: '{}' }));
    const http = new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 });
    const client = new AnthropicClient({ baseUrl: provider.url }, http);
    names = new AnthropicNames(client, contextOf(['2026-11-01', '2026-11-02'], {}));
  });

  afterAll(() => provider.stop());

  it('reads workspaces, archived ones too, and keys, each once', async () => {
    await names.readFor([ROW]);
    await names.readFor([ROW]);

    expect(asked()).toEqual([
      '/v1/organizations/workspaces?limit=100&include_archived=true&include_default=true',
      '/v1/organizations/workspaces?limit=100&include_archived=true',
      '/v1/organizations/api_keys?limit=100',
    ]);
    expect(names.workspaceColumns('wrkspc_2')).toEqual({
      workspace_id: 'wrkspc_2',
      default_workspace_id: null,
      workspace_name: 'Bygone',
    });
    expect([names.apiKey('apikey_2'), names.apiKey('apikey_gone'), names.apiKey(null)]).toEqual([
      'old',
      null,
      null,
    ]);
  });

  it('goes on without any name once the time for all of them is over', async () => {
    provider.answer = () => 'hang';
    const client = new AnthropicClient({ baseUrl: provider.url }, new ProviderHttpClient());
    const hurried = new AnthropicNames(client, contextOf(['2026-11-01', '2026-11-02'], {}), 50);

    await hurried.readOrganization();
    await hurried.readFor([ROW]);

    expect(asked()).toEqual(['/v1/organizations/me?']);
    expect([hurried.organization, hurried.apiKey('apikey_1')]).toEqual([null, null]);
  });

  it('takes for the default workspace the one that is listed only when asked for', async () => {
    await names.readFor([{ workspaceId: null }]);

    expect(names.workspaceColumns(null)).toEqual({
      workspace_id: null,
      default_workspace_id: 'wrkspc_0',
      workspace_name: 'Default',
    });
  });

  it.each([
    ['none', ['{"id":"wrkspc_1","name":"a"}'], ['{"id":"wrkspc_1","name":"a"}']],
    ['several', ['{"id":"wrkspc_0","name":"a"}', '{"id":"wrkspc_1","name":"b"}'], []],
  ])('names no default workspace when %s could be it', async (_kind, all, listed) => {
    provider.answer = ({ query }) => ({ body: listPage(query.has('include_default') ? all : listed) });

    await names.readFor([{ workspaceId: null }]);

    expect(names.workspaceColumns(null)).toEqual({
      workspace_id: null,
      default_workspace_id: null,
      workspace_name: null,
    });
  });

  it('keeps the names of workspaces when the default one cannot be told', async () => {
    const answer = provider.answer;
    provider.answer = (request) =>
      request.path.endsWith('/workspaces') && !request.query.has('include_default')
        ? { status: 403, body: '{}' }
        : answer(request);
    const context = contextOf(['2026-11-01', '2026-11-02'], {});
    const client = new AnthropicClient({ baseUrl: provider.url }, new ProviderHttpClient());
    names = new AnthropicNames(client, context);

    await names.readFor([ROW]);

    expect(names.workspaceColumns('wrkspc_1').workspace_name).toBe('Assistant');
    expect(names.apiKey('apikey_1')).toBe('production');
    expect(context.leftOut.parts).toMatchObject([
      { part: 'the default workspace', code: 'credential_rejected' },
    ]);
  });

  it('knows the organization', async () => {
    await names.readOrganization();

    expect(names.organization).toEqual({ id: '12345678-0000-4000-8000-000000000000', name: 'Acme' });
  });

  it('asks for no keys where no row has one', async () => {
    await names.readFor([{ workspaceId: null, apiKeyId: null }]);

    expect(asked().filter((request) => request.includes('api_keys'))).toEqual([]);
  });

  it.each([
    ['HTTP 403', { status: 403, body: '{"type":"error","error":{"message":"no"}}' }, 3],
    ['HTTP 404', { status: 404, body: '{}' }, 3],
    ['a server error', { status: 500, body: '{}' }, 6],
    ['a truncated list', { body: '{"data":[{"id":"wrkspc_1","na' }, 3],
    [
      'a list that goes round in a circle',
      { body: listPage(['{"id":"wrkspc_1","name":"x"}'], 'wrkspc_1') },
      5,
    ],
  ])('goes on without names after %s, asking once', async (_kind, reply, requests) => {
    provider.answer = () => reply;

    await names.readOrganization();
    await names.readFor([ROW]);
    await names.readOrganization();
    await names.readFor([ROW]);

    expect(names.workspaceColumns('wrkspc_1')).toEqual(UNNAMED);
    expect([names.organization, names.apiKey('apikey_1')]).toEqual([null, null]);
    expect(provider.requests).toHaveLength(requests);
  });

  it('ends with the reason when the run is aborted', async () => {
    const abort = new AbortController();
    provider.answer = () => {
      abort.abort(new Error('lease lost'));
      return 'hang';
    };
    const client = new AnthropicClient({ baseUrl: provider.url }, new ProviderHttpClient());
    const context = { ...contextOf(['2026-11-01', '2026-11-02'], {}), signal: abort.signal };

    await expect(new AnthropicNames(client, context).readFor([ROW])).rejects.toThrow('lease lost');
  });
});
