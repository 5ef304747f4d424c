import { setTimeout as delay } from 'node:timers/promises';
import { isInUse } from './duckdb.errors.ts';

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 200;

/**
 * Opens a file, again and again while somebody else holds it, with waits that grow and differ.
 * @throws What opening throws, once it has waited that long, or for another reason; the signal's reason when aborted.
 */
export async function onceFree<T>(
  open: () => Promise<T>,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  const deadline = Date.now() + waitMs;
  for (let pauseMs = FIRST_WAIT_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await open();
    } catch (error) {
      if (!isInUse(error) || Date.now() + pauseMs > deadline) throw error;
      await delay(pauseMs * (1 - Math.random() / 2), undefined, { signal });
    }
  }
}
