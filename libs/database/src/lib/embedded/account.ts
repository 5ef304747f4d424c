import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ensurePostgresUser, type OsUser } from './os-user.ts';

const run = promisify(execFile);

/** All that PostgreSQL's programs see of the environment: secrets stay ours, and PG* variables change nothing. */
export const CHILD_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' };

/** How PostgreSQL's programs are started, so that they see an ordinary user with a name: they refuse any other. */
export interface Account {
  /** Program and arguments that start another program; none to start it directly. */
  readonly launcher: readonly string[];
  /** User to switch to, who then owns PostgreSQL's files; undefined to stay the user that we are. */
  readonly user: OsUser | undefined;
}

const OURSELVES: Account = { launcher: [], user: undefined };

/**
 * Chooses how to start PostgreSQL's programs. An ordinary user starts them directly. Root, and a user without a name as
 * containers have them, gives them a user namespace, in which the same user has another number: so files stay the
 * user's, and every directory of the user's can be entered. Where the system allows no user namespace, or another
 * user's directory is in the way, root has to make do with the user `postgres`.
 *
 * @param paths what the programs have to reach.
 * @throws Error when we are root and there is neither.
 */
export async function chooseAccount(paths: readonly string[]): Promise<Account> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && haveName()) return OURSELVES;
  const namespace = await findUserNamespace();
  if (namespace && (await findClosed(namespace, paths)) === undefined) return namespace;
  return isRoot ? { launcher: [], user: await ensurePostgresUser() } : OURSELVES;
}

function haveName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** The program and arguments to spawn in order to start a program in the account. */
export function commandLine(
  { launcher }: Account,
  program: string,
  args: readonly string[],
): [string, string[]] {
  const [file, ...rest] = [...launcher, program, ...args];
  return [file!, rest];
}

/**
 * The outermost directory of those above the paths, or the path itself, that the account cannot enter: asked of the
 * system in that account, because modes alone would miss access lists. Undefined when it can reach all.
 */
export async function findClosed(account: Account, paths: readonly string[]): Promise<string | undefined> {
  const printFirstClosed = 'for path do [ -x "$path" ] || { printf %s "$path"; exit; }; done';
  const [file, args] = commandLine(account, '/bin/sh', [
    '-c',
    printFirstClosed,
    'sh',
    ...paths.flatMap(withParents),
  ]);
  const { stdout } = await run(file, args, { ...account.user, cwd: '/', env: CHILD_ENVIRONMENT });
  return stdout || undefined;
}

/** @throws Error naming the outermost directory that the account cannot enter, and what to do. */
export async function requireReachable(account: Account, path: string, otherwise: string): Promise<void> {
  const closed = await findClosed(account, [path]);
  if (closed !== undefined) {
    throw new Error(
      `PostgreSQL refuses to run as root, so it runs as user "postgres", who cannot enter ${closed}. ` +
        `Open that directory with "chmod o+x ${closed}", or ${otherwise}.`,
    );
  }
}

/** Undefined where `unshare` is missing or the system does not let it. */
async function findUserNamespace(): Promise<Account | undefined> {
  const id = await someOrdinaryUserId();
  const launcher = ['unshare', '--user', `--map-user=${id}`, `--map-group=${id}`, '--'];
  const account = { launcher, user: undefined };
  const [file, args] = commandLine(account, 'id', ['-un']);
  try {
    await run(file, args, { cwd: '/', env: CHILD_ENVIRONMENT });
    return account;
  } catch {
    return undefined;
  }
}

/** A number that the system has a name for, since `initdb` asks for the name of its user. */
async function someOrdinaryUserId(): Promise<number> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const ids = users.split('\n').map((line) => Number(line.split(':')[2]));
  return ids.find((id) => id > 0) ?? 1000;
}

/** The path and its parents, outermost first. */
function withParents(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...withParents(parent), path];
}
