import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HAS_PROC = existsSync('/proc/self/stat');

/**
 * When a running process started, as an opaque text: together with the id it tells the process from a later one
 * that was given the same id. Undefined when no such process runs.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (!HAS_PROC) return ps(pid, 'lstart');
  const stat = await readProc(pid, 'stat');
  // The second field is the program's name in parentheses and may itself hold blanks; the third is the state.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

/** The command line of a running process, its arguments separated by blanks. Undefined when no such process runs. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (!HAS_PROC) return ps(pid, 'command');
  // A process that ended and was not waited for still has an entry, with an empty command line.
  return (await readProc(pid, 'cmdline'))?.replaceAll('\0', ' ').trim() || undefined;
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
