import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAME = 'postgres';

/** A user of the operating system, in the shape that child processes are started with. */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/** The user `postgres`; undefined when there is none. */
export async function findPostgresUser(): Promise<OsUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/**
 * The user `postgres`, created when missing. Only root may create it.
 *
 * @throws Error when the user is missing and cannot be created.
 */
export async function ensurePostgresUser(): Promise<OsUser> {
  const existing = await findPostgresUser();
  if (existing) return existing;
  try {
    await run('groupadd', ['--system', '--force', NAME]);
    await run('useradd', ['--system', '--no-create-home', '--gid', NAME, '--shell', '/bin/false', NAME]);
  } catch (cause) {
    // Another process may have been quicker.
    const user = await findPostgresUser();
    if (user) return user;
    throw new Error(
      `PostgreSQL refuses to run as root, and the user "${NAME}" could not be created. ` +
        'Start as an ordinary user, create that user, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
  return (await findPostgresUser())!;
}
