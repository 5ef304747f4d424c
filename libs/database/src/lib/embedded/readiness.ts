import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import type { PostgresProcess } from './postgres-process.ts';

const START_TIMEOUT_MS = 30_000;
const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 250;

/**
 * Resolves when the server answers a query.
 *
 * @throws Error with the end of the server's log when it ends, or does not answer within 30 seconds.
 */
export async function untilAnswering(url: string, process: PostgresProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  let refusal: unknown;
  for (
    let pollMs = FIRST_POLL_MS;
    performance.now() < deadline;
    pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS)
  ) {
    await Promise.race([process.ended, setTimeout(pollMs)]);
    if (!process.isRunning) throw new Error(await process.ended);
    refusal = await probe(url);
    if (refusal === undefined) return;
  }
  throw new Error(
    `PostgreSQL did not answer within ${START_TIMEOUT_MS / 1000} s. ${await process.logTail()}`,
    {
      cause: refusal,
    },
  );
}

/** Undefined when the server answered a query, otherwise why not. */
async function probe(url: string): Promise<unknown> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A server that is still starting may break the connection at any moment; the query's rejection says so too.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return undefined;
  } catch (error) {
    return error ?? new Error('no answer');
  } finally {
    await client.end().catch(() => undefined);
  }
}
