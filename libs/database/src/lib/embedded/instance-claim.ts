import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOf } from './process-identity.ts';

interface Owner {
  readonly pid: number;
  /** Start time of the process, because ids are used again. */
  readonly startedAt: string;
}

/**
 * Makes this process the owner of the data directory, by `instance.json` in it. The file of an owner that runs no
 * more is replaced.
 *
 * @returns gives the directory free again.
 * @throws Error when another process, or this one, owns the directory.
 */
export async function claimInstance(dataDirectory: string): Promise<() => Promise<void>> {
  const file = join(dataDirectory, 'instance.json');
  const draft = join(dataDirectory, `instance-${randomUUID()}.json`);
  await writeFile(draft, JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) }));
  try {
    // A link appears with its content complete and never replaces a file.
    while (!(await succeeds(link(draft, file), 'EEXIST'))) await removeClaimOfDeadOwner(dataDirectory, file);
  } finally {
    await rm(draft, { force: true });
  }
  return () => rm(file, { force: true });
}

async function removeClaimOfDeadOwner(dataDirectory: string, file: string): Promise<void> {
  const claim = await readFile(file, 'utf8').catch(() => '');
  const owner = parseOwner(claim);
  if (owner && (await startOf(owner.pid)) === owner.startedAt) throw inUse(dataDirectory, owner.pid);

  const removed = `${file}.${randomUUID()}`;
  if (!(await succeeds(rename(file, removed), 'ENOENT'))) return;
  const removedClaim = await readFile(removed, 'utf8');
  // Between our look and the rename another process may have done the same and put its own claim there.
  if (removedClaim !== claim) await succeeds(link(removed, file), 'EEXIST');
  await rm(removed);
}

/** Undefined when a power failure left the file without its content. */
function parseOwner(claim: string): Owner | undefined {
  try {
    return JSON.parse(claim) as Owner;
  } catch {
    return undefined;
  }
}

function inUse(dataDirectory: string, pid: number): Error {
  return new Error(
    `DATA_DIR ${dataDirectory} is in use by process ${pid}. Stop that process, or set DATA_DIR to another directory.`,
  );
}

/** False when the operation failed with the expected code; any other failure is thrown. */
async function succeeds(operation: Promise<void>, expectedFailure: string): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expectedFailure) return false;
    throw error;
  }
}
