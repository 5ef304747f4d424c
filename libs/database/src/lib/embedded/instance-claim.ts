import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOf } from './process-identity.ts';

interface Owner {
  readonly pid: number;
  /** Start time of the process, because ids are used again. */
  readonly startedAt: string;
}

/** Gives free what was claimed. */
type Release = () => Promise<void>;

/**
 * Makes this process the owner of the data directory, by `instance.json` in it. The claim of an owner that runs no
 * more is replaced.
 *
 * @throws Error when another process, or this one, owns the directory.
 */
export function claimInstance(dataDirectory: string): Promise<Release> {
  return claim(join(dataDirectory, 'instance.json'), dataDirectory);
}

async function claim(file: string, dataDirectory: string): Promise<Release> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) }));
  try {
    while (!(await linkUnlessTaken(draft, file))) {
      await hasDeadOwner(file, dataDirectory);
      // A claim may be removed by one process at a time only: of two that found it dead, the slower one would
      // remove what the faster one put in its place.
      const release = await claim(`${file}.takeover`, dataDirectory);
      try {
        if (await hasDeadOwner(file, dataDirectory)) await rm(file);
      } finally {
        await release();
      }
    }
  } finally {
    await rm(draft, { force: true });
  }
  return () => rm(file, { force: true });
}

/** A link appears with its content complete, and never replaces a file. */
async function linkUnlessTaken(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** False when the claim is gone. @throws Error when its owner lives. */
async function hasDeadOwner(file: string, dataDirectory: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return false;
  const owner = parseOwner(text);
  if (owner && (await startOf(owner.pid)) === owner.startedAt) {
    throw new Error(
      `DATA_DIR ${dataDirectory} is in use by process ${owner.pid}. ` +
        'Stop that process, or set DATA_DIR to another directory.',
    );
  }
  return true;
}

/** Undefined when a power failure left the file without its content. */
function parseOwner(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
  }
}
