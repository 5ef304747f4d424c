import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';

const DEADLINE_MS = 45_000;
const POLL_MS = 30;

/** Starts a run; the answer must be 202. */
export async function startRun(
  api: ApiClient,
  org: string,
  pipeline: string,
  window: object = {},
): Promise<string> {
  const { run_id } = await api.call<{ run_id: string }>('POST', `pipelines/run/${org}/${pipeline}`, window);
  return run_id;
}

/** Waits until the run, or the backfill, has completed or failed; fails with its status when that takes too long. */
export async function untilEnded<T extends Pick<RunStatus, 'status'> = RunStatus>(
  api: ApiClient,
  org: string,
  id: string,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const run = await api.call<T>('GET', `pipelines/status/${org}/${id}`);
    if (run.status === 'completed' || run.status === 'failed') return run;
    if (Date.now() > deadline) {
      throw new Error(`Still ${run.status} after ${deadlineMs} ms: ${JSON.stringify(run)}`);
    }
    await delay(POLL_MS);
  }
}
