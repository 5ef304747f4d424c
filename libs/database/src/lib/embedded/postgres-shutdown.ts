import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { commandOf, worksIn } from './process-identity.ts';

/** Fast shutdown ends the sessions; immediate shutdown leaves the rest to recovery at the next start. */
const SHUTDOWNS = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 10_000],
] as const;
const POLL_MS = 20;

/**
 * Ends a PostgreSQL server in order, or at once when it takes longer than ten seconds.
 *
 * @throws Error when it survives both.
 */
export async function shutDownPostgres(
  pid: number,
  hasEnded: () => boolean | Promise<boolean>,
): Promise<void> {
  for (const [signal, patienceMs] of SHUTDOWNS) {
    const deadline = performance.now() + patienceMs;
    send(pid, signal);
    while (performance.now() < deadline) {
      if (await hasEnded()) return;
      await setTimeout(POLL_MS);
    }
  }
  throw new Error(`PostgreSQL, process ${pid}, does not stop. End it with "kill -9 ${pid}" and start again.`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended since we looked.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Ends the server that a killed owner left running on the cluster. Call it as the owner of the data directory.
 *
 * A lock file whose process ended is left to PostgreSQL, which knows what to do with it. One whose process id now
 * belongs to another program is removed, because PostgreSQL would take that program for a server: after the restart
 * of a container ids are used again at once.
 */
export async function shutDownLeftover(cluster: string, log: (message: string) => void): Promise<void> {
  const lockFile = join(cluster, 'postmaster.pid');
  const lock = await readFile(lockFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(lock, 10);
  if (!Number.isInteger(pid) || (await commandOf(pid)) === undefined) return;
  if (!(await servesCluster(pid, cluster))) {
    await rm(lockFile);
    return;
  }
  log(`Stopping PostgreSQL, process ${pid}, which an earlier run left behind.`);
  await shutDownPostgres(pid, async () => !(await servesCluster(pid, cluster)));
}

/** A server works in its cluster's directory, under whatever path that lies by now. */
async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  const command = (await commandOf(pid)) ?? '';
  if (command.includes(`postgres -D ${cluster} `)) return true;
  return command.includes('postgres -D ') && (await worksIn(pid, cluster));
}
