import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  organizationNotFound,
  type ApiKeyIdentity,
  type ApiKeyStore,
  type OrganizationStore,
} from '@pipelines/organizations';
import { CreatesOrganization, RequiresAccess } from './access.decorators.ts';
import { AccessGuard, sha256 } from './access.guard.ts';

const ROOT_KEY = 'root-key-of-the-tests';
const ACME: ApiKeyIdentity = { id: '1', org: 'acme', scopes: ['read'] };

class Handlers {
  @RequiresAccess('public')
  open() {}

  @RequiresAccess('read')
  read() {}

  @RequiresAccess('run')
  run() {}

  @RequiresAccess('root')
  administer() {}

  @RequiresAccess('root')
  @CreatesOrganization()
  create() {}

  undeclared() {}
}

describe('AccessGuard', () => {
  let guard: AccessGuard;

  beforeEach(() => {
    const keys: Pick<ApiKeyStore, 'recognise'> = {
      recognise: async (key) => (key === 'acme-key' ? ACME : undefined),
    };
    const organizations: Pick<OrganizationStore, 'requireExisting'> = {
      requireExisting: async (org) => {
        if (org !== 'acme') throw organizationNotFound(org);
      },
    };
    guard = new AccessGuard(
      new Reflector(),
      keys as ApiKeyStore,
      organizations as OrganizationStore,
      sha256(ROOT_KEY),
    );
  });

  function call(
    handler: keyof Handlers,
    headers: Record<string, string>,
    request: { org?: string; method?: string } = {},
  ): Promise<boolean> {
    const { org = 'acme', method = 'GET' } = request;
    const context: Pick<ExecutionContext, 'getHandler' | 'getClass' | 'switchToHttp'> = {
      getHandler: () => Handlers.prototype[handler],
      getClass: () => Handlers as never,
      switchToHttp: () => ({ getRequest: () => ({ headers, method, params: { org } }) }) as never,
    };
    return guard.canActivate(context as ExecutionContext);
  }

  it.each<[string, Record<string, string>]>([
    ['X-API-Key', { 'x-api-key': 'acme-key' }],
    ['a bearer token', { authorization: 'Bearer acme-key' }],
    ['a bearer token beside an empty X-API-Key', { 'x-api-key': '', authorization: 'bearer acme-key' }],
  ])('admits the key in %s', async (_name, headers) => {
    await expect(call('read', headers)).resolves.toBe(true);
  });

  it.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['an empty X-API-Key', { 'x-api-key': '' }],
    ['another scheme', { authorization: 'Basic acme-key' }],
    ['a bearer token of nothing', { authorization: 'Bearer ' }],
  ])('misses the key in %s', async (_name, headers) => {
    await expect(call('read', headers)).rejects.toMatchObject({ code: 'api_key_missing' });
  });

  it.each<[string, keyof Handlers, string, string]>([
    ['an unknown key', 'read', 'acme', 'api_key_invalid'],
    ['another organization', 'read', 'other', 'organization_not_found'],
    ['a scope the key lacks', 'run', 'acme', 'scope_missing'],
    ['administration', 'administer', 'acme', 'root_key_required'],
    ['a handler that declares nothing', 'undeclared', 'acme', 'root_key_required'],
  ])('refuses %s', async (_name, handler, org, code) => {
    const key = code === 'api_key_invalid' ? 'unknown' : 'acme-key';

    await expect(call(handler, { 'x-api-key': key }, { org })).rejects.toMatchObject({ code });
  });

  it('lets anybody call what is public', async () => {
    await expect(call('open', {})).resolves.toBe(true);
  });

  it('lets the root key make an organization, whatever the method', async () => {
    const root = { 'x-api-key': ROOT_KEY };

    await expect(call('create', root, { org: 'new_org', method: 'POST' })).resolves.toBe(true);
    await expect(call('create', root, { org: 'New-Org' })).rejects.toMatchObject({
      code: 'invalid_path_segment',
    });
  });

  it.each(['GET', 'PUT'])('needs the organization for everything else, by %s', async (method) => {
    const root = { 'x-api-key': ROOT_KEY };

    await expect(call('administer', root, { org: 'nobody', method })).rejects.toMatchObject({
      code: 'organization_not_found',
    });
    await expect(call('run', root, { method })).resolves.toBe(true);
  });
});
