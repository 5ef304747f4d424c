import { createHash } from 'node:crypto';
import { PipelineError } from '@pipelines/pipeline';
import type { DataSource } from 'typeorm';
import type { IdempotencyKey } from './admit-run.ts';

/** How long a key is remembered. */
const KEY_LIFETIME = `interval '24 hours'`;

/** The key of a request, together with what it asks for. */
export function idempotencyKey(key: string, request: object): IdempotencyKey {
  return { key, requestHash: createHash('sha256').update(JSON.stringify(request)).digest() };
}

/**
 * The run that a request with the same key has started, or undefined when there is none.
 * @throws PipelineError `idempotency_key_reused` when that request asked for something else.
 */
export async function findKeyedRun(
  dataSource: DataSource,
  org: string,
  { key, requestHash }: IdempotencyKey,
): Promise<string | undefined> {
  const [found] = await dataSource.query<{ run_id: string; same: boolean }[]>(
    `SELECT run_id, request_hash = $3 AS same FROM pipelines.idempotency_keys
     WHERE org_slug = $1 AND key = $2 AND created_at > now() - ${KEY_LIFETIME}`,
    [org, key, requestHash],
  );
  if (!found) return undefined;
  if (found.same) return found.run_id;
  throw new PipelineError(
    'idempotency_key_reused',
    `The Idempotency-Key "${key}" was sent with another request in the last 24 hours. Use a new key for a new request.`,
    { facts: { run_id: found.run_id } },
  );
}

/** Forgets keys that are no longer remembered: of one organization's key before it is used again, or all of them. */
export async function forgetExpiredKeys(dataSource: DataSource, org?: string, key?: string): Promise<void> {
  await dataSource.query(
    `DELETE FROM pipelines.idempotency_keys
     WHERE created_at <= now() - ${KEY_LIFETIME} AND ($1::text IS NULL OR (org_slug = $1 AND key = $2))`,
    [org ?? null, key ?? null],
  );
}
