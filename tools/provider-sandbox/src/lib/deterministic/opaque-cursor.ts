import { createHash } from 'node:crypto';

/** A cursor that is worth something only together with the query it was issued for. */
export function issueCursor(query: string, position: number): string {
  return Buffer.from(`${fingerprint(query)}:${position}`).toString('base64url');
}

/** The position in the cursor; undefined when it is no cursor, or was issued for another query. */
export function readCursor(query: string, cursor: string): number | undefined {
  const [issuedFor, position] = Buffer.from(cursor, 'base64url').toString().split(':');
  return issuedFor === fingerprint(query) && /^\d{1,6}$/.test(position ?? '') ? Number(position) : undefined;
}

function fingerprint(query: string): string {
  return createHash('sha256').update(query).digest('hex').slice(0, 16);
}
