import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HAS_PROC = existsSync('/proc/self/stat');

/**
 * When a running process started, as an opaque text: together with the id it tells the process from a later one
 * that was given the same id. Undefined when no such process runs.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (!HAS_PROC) return ps(pid, 'lstart');
  const line = await readProc(pid, 'stat');
  // The second field is the program's name in parentheses and may itself hold blanks; the third is the state.
  const fields = line?.slice(line.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

/** The command line of a running process, its arguments separated by blanks. Undefined when no such process runs. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (!HAS_PROC) return ps(pid, 'command');
  // A process that ended and was not waited for still has an entry, with an empty command line.
  return (await readProc(pid, 'cmdline'))?.replaceAll('\0', ' ').trim() || undefined;
}

/** Whether the directory is the working directory of a running process. False as well where that cannot be known. */
export async function worksIn(pid: number, directory: string): Promise<boolean> {
  try {
    const [theirs, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(directory)]);
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    return false;
  }
}

async function readProc(pid: number, file: 'stat' | 'cmdline'): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** macOS has no /proc; a fixed locale and zone keep the start time comparable. */
async function ps(pid: number, field: 'lstart' | 'command'): Promise<string | undefined> {
  try {
    const { stdout } = await run('/bin/ps', ['-ww', '-o', `${field}=`, '-p', String(pid)], {
      env: { LC_ALL: 'C', TZ: 'UTC' },
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
