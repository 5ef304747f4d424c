import type { FastifyInstance } from 'fastify';
import { issueToken, TOKEN_LIFETIME } from './access-token.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const MAX_LIFETIME = 3600;
const CLOCK_SKEW = 300;

interface Assertion {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Exchanges a service account's assertion for a token. The assertion's structure and times are checked; its
 * signature is not, so that a key issued before a restart of the sandbox still works.
 */
export function addTokenRoute(app: FastifyInstance, seed: string): void {
  app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    scope.post<{ Body: Readonly<Record<string, string>> | undefined }>(
      '/gcp/token',
      async ({ body }, reply) => {
        const now = Math.floor(Date.now() / 1000);
        if (body?.grant_type !== JWT_BEARER)
          return reply.status(400).send(refusal('unsupported_grant_type', 'Invalid grant_type.'));
        const problem = problemOf(body.assertion ?? '', now);
        if (problem) return reply.status(400).send(refusal('invalid_grant', problem));
        return {
          access_token: issueToken(seed, now + TOKEN_LIFETIME),
          expires_in: TOKEN_LIFETIME - 1,
          token_type: 'Bearer',
        };
      },
    );
  });
}

function problemOf(text: string, now: number): string | undefined {
  const assertion = decode(text);
  if (!assertion) return 'Bad assertion: not a JWT.';
  const { alg } = assertion.header;
  const { iss, scope, aud, iat, exp } = assertion.claims;
  if (alg !== 'RS256') return 'Bad assertion: alg must be RS256.';
  if (typeof iss !== 'string' || !iss.endsWith('.gserviceaccount.com'))
    return 'Invalid issuer: not a service account.';
  if (typeof scope !== 'string' || scope === '') return 'Missing scope.';
  if (typeof aud !== 'string' || !aud.endsWith('/token')) return 'Invalid audience.';
  if (!Number.isInteger(iat) || !Number.isInteger(exp)) return 'Missing iat or exp.';
  const [issuedAt, expiresAt] = [iat as number, exp as number];
  const timely = issuedAt <= now + CLOCK_SKEW && expiresAt > now && expiresAt - issuedAt <= MAX_LIFETIME;
  return timely
    ? undefined
    : 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.';
}

function decode(text: string): Assertion | undefined {
  const [header, claims, signature] = text.split('.');
  if (!header || !claims || !signature) return undefined;
  try {
    return { header: parse(header), claims: parse(claims) };
  } catch {
    return undefined;
  }
}

function parse(part: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

function refusal(error: string, error_description: string): object {
  return { error, error_description };
}
