import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAME = 'postgres';

/** A user of the operating system, in the shape that child processes are started with. */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that PostgreSQL must run as: undefined for our own; `postgres`, created when missing, when we are root,
 * which PostgreSQL refuses.
 *
 * @throws Error when the user is missing and cannot be created.
 */
export async function postgresUser(): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp()) ?? (await create());
}

/**
 * Proves that the user can enter a path and every directory above it, by asking as that user: modes alone would
 * miss access lists.
 *
 * @param otherwise what to do other than opening the directory, to end the message.
 * @throws Error naming the outermost closed directory.
 */
export async function requireReachable(user: OsUser, path: string, otherwise: string): Promise<void> {
  const printFirstClosed = 'for path do [ -x "$path" ] || { printf %s "$path"; exit; }; done';
  const { stdout: closed } = await run('/bin/sh', ['-c', printFirstClosed, 'sh', ...withParents(path)], {
    ...user,
    cwd: '/',
  });
  if (closed) {
    throw new Error(
      `PostgreSQL refuses to run as root, so it runs as user "${NAME}", who cannot enter ${closed}. ` +
        `Open that directory with "chmod o+x ${closed}", or ${otherwise}.`,
    );
  }
}

async function lookUp(): Promise<OsUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function create(): Promise<OsUser> {
  try {
    await run('groupadd', ['--system', '--force', NAME]);
    await run('useradd', ['--system', '--no-create-home', '--gid', NAME, '--shell', '/bin/false', NAME]);
  } catch (cause) {
    // Another process may have been quicker.
    const user = await lookUp();
    if (user) return user;
    throw new Error(
      `PostgreSQL refuses to run as root, and the user "${NAME}" could not be created. ` +
        'Start as an ordinary user, create that user, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
  return (await lookUp())!;
}

/** The path and its parents, outermost first. */
function withParents(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...withParents(parent), path];
}
