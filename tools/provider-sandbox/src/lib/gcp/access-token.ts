import { createHmac } from 'node:crypto';

/** Seconds that a token lives. */
export const TOKEN_LIFETIME = 3600;

/** A token that ends at this Unix time; the sandbox keeps no list, the token proves itself. */
export function issueToken(seed: string, expiresAt: number): string {
  return `ya29.sandbox-${expiresAt}-${signatureOf(seed, expiresAt)}`;
}

/** Whether the token was issued by a sandbox of this seed and has not ended. */
export function isValidToken(seed: string, token: string, now: number): boolean {
  const expiresAt = Number(/^ya29\.sandbox-(\d+)-/.exec(token)?.[1]);
  return expiresAt > now && token === issueToken(seed, expiresAt);
}

function signatureOf(seed: string, expiresAt: number): string {
  return createHmac('sha256', seed).update(String(expiresAt)).digest('hex').slice(0, 32);
}
