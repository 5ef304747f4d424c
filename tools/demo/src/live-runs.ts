import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';

const POLL_MS = 100;
const DEADLINE_MS = 60_000;

/** A run to be followed, and what to call it. */
export interface FollowedRun {
  readonly label: string;
  readonly statusPath: string;
}

/**
 * Follows the runs until all have ended, and shows each change: on a terminal in place, elsewhere line by line.
 * @throws Error when a run fails, or is not done in time.
 */
export async function followRuns(api: ApiClient, runs: readonly FollowedRun[]): Promise<void> {
  const shown = new Map<string, string>();
  const deadline = Date.now() + DEADLINE_MS;
  for (let first = true; ; first = false) {
    const statuses = await Promise.all(runs.map(({ statusPath }) => api.call<RunStatus>('GET', statusPath)));
    const lines = statuses.map((status, index) => describe(runs[index]!.label, status));
    show(lines, shown, first);
    const failed = statuses.find(({ status }) => status === 'failed');
    if (failed)
      throw new Error(`Run ${failed.run_id} failed: ${failed.error?.code}: ${failed.error?.message}`);
    if (statuses.every(({ status }) => status === 'completed')) return;
    if (Date.now() > deadline) throw new Error(`The runs were not done after ${DEADLINE_MS / 1000} s.`);
    await delay(POLL_MS);
  }
}

function describe(label: string, { status, progress }: RunStatus): string {
  return `  ${label.padEnd(30)} ${status.padEnd(11)} ${progress.rows_extracted} extracted, ${progress.rows_loaded} loaded`;
}

function show(lines: readonly string[], shown: Map<string, string>, first: boolean): void {
  if (process.stdout.isTTY) {
    if (!first) process.stdout.write(`\u001b[${lines.length}A`);
    for (const line of lines) process.stdout.write(`\u001b[2K${line}\n`);
    return;
  }
  lines.forEach((line, index) => {
    if (shown.get(String(index)) !== line) console.log(line);
    shown.set(String(index), line);
  });
}
