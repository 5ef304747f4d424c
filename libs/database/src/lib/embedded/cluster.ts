import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OsUser } from './os-user.ts';
import { POSTGRES_MAJOR } from './postgres-binaries.ts';
import { CHILD_ENVIRONMENT } from './postgres-process.ts';

const run = promisify(execFile);
const DRAFT_PREFIX = 'postgres.initdb-';

/** Where a cluster is made or found. */
export interface ClusterOptions {
  readonly dataDirectory: string;
  /** Path of PostgreSQL's `initdb`. */
  readonly initdb: string;
  /** Owner of the files; undefined for our own user. */
  readonly user: OsUser | undefined;
  /** Whether the new files are flushed to the disk. */
  readonly durable: boolean;
  readonly log: (message: string) => void;
}

/** A PostgreSQL data directory and the password of its superuser `postgres`. */
export interface Cluster {
  readonly directory: string;
  readonly password: string;
}

/** The directory of the cluster inside the data directory. */
export function clusterDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'postgres');
}

/**
 * Opens the cluster of the data directory, or makes one.
 *
 * @throws Error when what is there is no cluster, is one of another release or of another user, or has no password
 *   file; and when `initdb` fails.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const directory = clusterDirectory(options.dataDirectory);
  const passwordFile = join(options.dataDirectory, 'postgres.password');
  const owner = await stat(directory).then(
    ({ uid }) => uid,
    () => undefined,
  );
  if (owner === undefined) await createCluster(options, directory, passwordFile);
  else await checkCluster(directory, owner, options.user);
  return { directory, password: await readPassword(passwordFile, directory) };
}

/** The directory appears under its name when it is complete: a killed `initdb` leaves nothing that looks usable. */
async function createCluster(
  options: ClusterOptions,
  directory: string,
  passwordFile: string,
): Promise<void> {
  const { dataDirectory, initdb, user, durable, log } = options;
  log(`Creating a PostgreSQL ${POSTGRES_MAJOR} cluster in ${directory}.`);
  await removeDrafts(dataDirectory);
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600, flush: durable });
  const draft = await mkdtemp(join(dataDirectory, DRAFT_PREFIX));
  if (user) {
    await chown(passwordFile, user.uid, user.gid);
    await chown(draft, user.uid, user.gid);
  }
  await run(
    initdb,
    [
      `--pgdata=${draft}`,
      `--pwfile=${passwordFile}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Sorting that is the same on every machine, whatever locales it has.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-instructions',
      ...(durable ? [] : ['--no-sync']),
    ],
    { ...user, cwd: dataDirectory, env: CHILD_ENVIRONMENT },
  );
  await rename(draft, directory);
}

async function removeDrafts(dataDirectory: string): Promise<void> {
  for (const name of await readdir(dataDirectory)) {
    if (name.startsWith(DRAFT_PREFIX)) await rm(join(dataDirectory, name), { recursive: true, force: true });
  }
}

async function checkCluster(directory: string, owner: number, user: OsUser | undefined): Promise<void> {
  const expectedOwner = user?.uid ?? process.getuid?.();
  if (expectedOwner !== undefined && owner !== expectedOwner) {
    throw new Error(
      `${directory} belongs to user id ${owner}, but PostgreSQL would run as user id ${expectedOwner}. ` +
        `Start as the user of earlier runs, or hand it over with "chown -R ${expectedOwner} ${directory}".`,
    );
  }
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
