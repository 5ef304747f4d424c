import { sign } from 'node:crypto';
import type { GcpSecret } from './gcp.secret.ts';
import { parsePrivateKey } from './private-key.ts';

/** Google's upper limit. */
const LIFETIME_SECONDS = 3600;

/** The signed statement (RFC 7523) with which a service account asks for an access token. */
export function serviceAccountAssertion(
  secret: GcpSecret,
  { audience, scope, now }: { readonly audience: string; readonly scope: string; readonly now: Date },
): string {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: secret.private_key_id };
  const claims = {
    iss: secret.client_email,
    scope,
    aud: audience,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
  };
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = sign('RSA-SHA256', Buffer.from(signed), parsePrivateKey(secret.private_key));
  return `${signed}.${signature.toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
