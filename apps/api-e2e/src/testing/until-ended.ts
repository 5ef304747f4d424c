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

/** Waits until the run has completed or failed; fails with its status when that takes too long. */
export async function untilEnded(api: ApiClient, org: string, runId: string): Promise<RunStatus> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const run = await api.call<RunStatus>('GET', `pipelines/status/${org}/${runId}`);
    if (run.status === 'completed' || run.status === 'failed') return run;
    if (Date.now() > deadline) {
      throw new Error(`Still ${run.status} after ${DEADLINE_MS} ms: ${JSON.stringify(run)}`);
    }
    await delay(POLL_MS);
  }
}
