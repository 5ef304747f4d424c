import { generateKeyPairSync } from 'node:crypto';
import { LeftOut, Secret, type ProcessorContext } from '@pipelines/pipeline';
import type { FakeReply, FakeRequest } from '@pipelines/pipeline/testing';
import type { GcpSecret } from '../gcp.secret.ts';

/** A key pair of this process alone. */
export const KEY_PAIR = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

export const SERVICE_ACCOUNT: GcpSecret = {
  type: 'service_account',
  project_id: 'acme-billing',
  private_key_id: '0123456789abcdef0123456789abcdef01234567',
  private_key: KEY_PAIR.privateKey,
  client_email: 'pipelines-reader@acme-billing.iam.gserviceaccount.com',
};

export const TOKEN_REPLY: FakeReply = {
  body: '{"access_token":"opaque.token_0123456789","expires_in":3599,"token_type":"Bearer"}',
};

/** Answers the token endpoint, and everything else by `pages`. */
export function withToken(pages: (request: FakeRequest) => FakeReply): (request: FakeRequest) => FakeReply {
  return (request) => (request.path === '/token' ? TOKEN_REPLY : pages(request));
}

/** The context of a run with these options. */
export function contextOf<TOptions extends object>(options: TOptions): ProcessorContext<TOptions, GcpSecret> {
  return {
    runId: '0199c0de-0000-7000-8000-000000000001',
    org: 'acme',
    window: { start: '2026-11-01', end: '2026-11-02' },
    options,
    secret: new Secret(SERVICE_ACCOUNT),
    credentialName: 'default',
    leftOut: new LeftOut('0199c0de-0000-7000-8000-000000000001'),
    signal: new AbortController().signal,
  };
}
