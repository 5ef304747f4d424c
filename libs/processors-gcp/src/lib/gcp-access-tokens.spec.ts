import { createVerify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ProviderHttpClient, Secret, type ProviderAccess } from '@pipelines/pipeline';
import { FakeProvider } from '@pipelines/pipeline/testing';
import { GcpAccessTokens } from './gcp-access-tokens.ts';
import type { GcpSecret } from './gcp.secret.ts';
import { KEY_PAIR, SERVICE_ACCOUNT, TOKEN_REPLY } from './testing/gcp-answers.ts';

const accessOf = (account: GcpSecret): ProviderAccess<GcpSecret> => ({
  org: 'acme',
  credentialName: 'default',
  secret: new Secret(account),
  signal: new AbortController().signal,
});
const ACCESS = accessOf(SERVICE_ACCOUNT);

describe('GcpAccessTokens', () => {
  let provider: FakeProvider;
  let tokens: GcpAccessTokens;

  beforeAll(async () => {
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    jest.useFakeTimers({
      now: new Date('2026-11-23T10:00:00Z'),
      doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'],
    });
    provider.requests.length = 0;
    provider.answerInTurn(TOKEN_REPLY);
    tokens = new GcpAccessTokens(
      { billingCatalogBaseUrl: provider.url, tokenUrl: `${provider.url}/token` },
      new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 }),
    );
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  afterAll(() => provider.stop());

  it('exchanges a signed assertion for a token', async () => {
    expect(await tokens.tokenFor('scope-a', ACCESS)).toBe('opaque.token_0123456789');

    const form = new URLSearchParams(provider.requests[0]!.body);
    const [header, claims, signature] = form.get('assertion')!.split('.') as [string, string, string];
    const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(decode(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: SERVICE_ACCOUNT.private_key_id });
    expect(decode(claims)).toEqual({
      iss: 'pipelines-reader@acme-billing.iam.gserviceaccount.com',
      scope: 'scope-a',
      aud: `${provider.url}/token`,
      iat: 1795428000,
      exp: 1795431600,
    });
    expect(
      createVerify('RSA-SHA256')
        .update(`${header}.${claims}`)
        .verify(KEY_PAIR.publicKey, signature, 'base64url'),
    ).toBe(true);
  });

  it('uses a token until a minute before its end', async () => {
    const ask = () => tokens.tokenFor('scope-a', ACCESS);
    await ask();

    jest.setSystemTime(new Date('2026-11-23T10:58:58Z'));
    await ask();
    expect(provider.requests).toHaveLength(1);

    jest.setSystemTime(new Date('2026-11-23T10:58:59Z'));
    await ask();
    expect(provider.requests).toHaveLength(2);
  });

  it.each([
    ['scope', SERVICE_ACCOUNT, 'scope-b'],
    [
      'account',
      { ...SERVICE_ACCOUNT, client_email: 'other@acme-billing.iam.gserviceaccount.com' },
      'scope-a',
    ],
  ])('does not share a token with another %s', async (_difference, account, scope) => {
    await tokens.tokenFor('scope-a', ACCESS);

    await tokens.tokenFor(scope, accessOf(account));

    expect(provider.requests).toHaveLength(2);
  });

  it('blames the credential when the key is refused with HTTP 400', async () => {
    provider.answerInTurn({
      status: 400,
      body: '{"error":"invalid_grant","error_description":"Invalid JWT Signature."}',
    });

    await expect(tokens.tokenFor('scope-a', ACCESS)).rejects.toMatchObject({
      code: 'credential_rejected',
      message:
        'gcp refused the service-account key: it may be deleted or disabled. Store a valid one and run again.',
      facts: { provider: 'gcp', provider_status: 400 },
    });
  });

  it('tries again when the token endpoint is unavailable', async () => {
    provider.answerInTurn({ status: 503, body: '' }, TOKEN_REPLY);

    expect(await tokens.tokenFor('scope-a', ACCESS)).toBe('opaque.token_0123456789');
  });

  it('uses a token that does not say how long it lives once', async () => {
    provider.answerInTurn({ body: '{"access_token":"ya29.c.once","token_type":"Bearer"}' }, TOKEN_REPLY);

    expect(await tokens.tokenFor('scope-a', ACCESS)).toBe('ya29.c.once');
    expect(await tokens.tokenFor('scope-a', ACCESS)).toBe('opaque.token_0123456789');
  });

  it('has the secret conceal the token, also one that another run was given', async () => {
    provider.answerInTurn({ body: '{"access_token":"opaque-to-us","expires_in":3599}' });
    await tokens.tokenFor('scope-a', ACCESS);
    const later = accessOf(SERVICE_ACCOUNT);

    await tokens.tokenFor('scope-a', later);

    expect(provider.requests).toHaveLength(1);
    for (const { secret } of [ACCESS, later]) expect(secret.redact('opaque-to-us')).toBe('[redacted]');
  });

  it('refuses an answer without a token', async () => {
    provider.answerInTurn({ body: '{"expires_in":3599}' });

    await expect(tokens.tokenFor('scope-a', ACCESS)).rejects.toThrow(
      '$.access_token should be a string, found nothing',
    );
  });
});
