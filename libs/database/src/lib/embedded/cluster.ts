import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CHILD_ENVIRONMENT, commandLine, type Account } from './account.ts';
import { adoptFiles } from './file-owner.ts';
import { POSTGRES_MAJOR } from './postgres-binaries.ts';

const run = promisify(execFile);
const DRAFT_PREFIX = 'postgres.initdb-';

/** Where a cluster is made or found. */
export interface ClusterOptions {
  /** Keeps the password. */
  readonly dataDirectory: string;
  /** The cluster itself, in a directory that exists. */
  readonly directory: string;
  /** Path of PostgreSQL's `initdb`. */
  readonly initdb: string;
  readonly account: Account;
  /** Whether the new files are flushed to the disk. */
  readonly durable: boolean;
  readonly log: (message: string) => void;
}

/** The directory of the cluster inside the data directory, or a link to where it lies. */
export function clusterDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'postgres');
}

/**
 * Opens the cluster, or makes one, and returns the password of its superuser `postgres`.
 *
 * @throws Error when what is there is no cluster, is one of another release or of another user, or has no password
 *   file; and when `initdb` fails.
 */
export async function openCluster(options: ClusterOptions): Promise<string> {
  const { directory, dataDirectory, account, log } = options;
  const passwordFile = join(dataDirectory, 'postgres.password');
  const owner = await stat(directory).then(
    ({ uid }) => uid,
    () => undefined,
  );
  if (owner === undefined) {
    await createCluster(options, passwordFile);
  } else {
    await checkRelease(directory);
    await adoptFiles(directory, owner, account.user, log);
  }
  return readPassword(passwordFile, directory);
}

/** The directory appears under its name when it is complete: a killed `initdb` leaves nothing that looks usable. */
async function createCluster(options: ClusterOptions, passwordFile: string): Promise<void> {
  const { directory, initdb, account, durable, log } = options;
  const parent = dirname(directory);
  log(`Creating a PostgreSQL ${POSTGRES_MAJOR} cluster in ${directory}.`);
  await removeDrafts(parent);
  const password = randomBytes(24).toString('hex');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, password, { mode: 0o600, flush: durable });
  const draft = await mkdtemp(join(parent, DRAFT_PREFIX));
  // A copy that lies where the account can read it.
  const passwordCopy = join(draft, 'password');
  await writeFile(passwordCopy, password, { mode: 0o600 });
  if (account.user) {
    const { uid, gid } = account.user;
    for (const path of [passwordCopy, draft]) await chown(path, uid, gid);
  }
  const [file, args] = commandLine(account, initdb, [
    `--pgdata=${join(draft, 'cluster')}`,
    `--pwfile=${passwordCopy}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorting that is the same on every machine, whatever locales it has.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ]);
  await run(file, args, { ...account.user, cwd: draft, env: CHILD_ENVIRONMENT });
  await rename(join(draft, 'cluster'), directory);
  await rm(draft, { recursive: true });
}

async function removeDrafts(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.startsWith(DRAFT_PREFIX)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function checkRelease(directory: string): Promise<void> {
  const release = await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (release === undefined) {
    throw new Error(
      `${directory} is not a PostgreSQL data directory. Move it away, or set DATA_DIR elsewhere.`,
    );
  }
  if (release.trim() !== POSTGRES_MAJOR) {
    throw new Error(
      `${directory} was made by PostgreSQL ${release.trim()}; this version runs PostgreSQL ${POSTGRES_MAJOR}. ` +
        'Dump it with the old version and restore it here, or set DATA_DIR elsewhere.',
    );
  }
}

async function readPassword(file: string, directory: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Error(
      `The password of the database in ${directory} cannot be read from ${file}. ` +
        'Restore that file from a backup, or move both away to start afresh.',
      { cause },
    );
  }
}
