import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { clusterDirectory } from './cluster.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

const run = promisify(execFile);

/** Where root keeps what the user `postgres` must reach and cannot reach where it lies. */
const PLACE = '/var/lib/pipelines';

/** A copy of PostgreSQL's programs that every user can run, made once per release of their package. */
export async function copyBinaries({ initdb, postgres }: PostgresBinaries): Promise<PostgresBinaries> {
  const packageRoot = join(dirname(postgres), '../..');
  const { version } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(PLACE, `postgresql-${version}`);
  if (!(await exists(copy))) {
    const draft = await makePlace('postgresql-draft-');
    await cp(join(packageRoot, 'native'), draft, { recursive: true, verbatimSymlinks: true });
    await run('chmod', ['-R', 'a+rX', draft]);
    // Another process may have been quicker.
    await rename(draft, copy).catch(() => rm(draft, { recursive: true }));
  }
  const inCopy = (program: string): string => join(copy, 'bin', basename(program));
  return { initdb: inCopy(initdb), postgres: inCopy(postgres) };
}

/**
 * Makes a place for a cluster that is to be, and a link to it where the cluster would lie in the data directory: so
 * the data directory can be moved. Returns where the cluster will lie.
 */
export async function linkCluster(dataDirectory: string): Promise<string> {
  const cluster = join(await makePlace('data-'), 'postgres');
  await symlink(cluster, clusterDirectory(dataDirectory));
  return cluster;
}

/**
 * Where the cluster of the data directory really lies, or will lie once it is made; undefined when there is none yet.
 * @throws Error when the place that the data directory points to is gone.
 */
export async function findCluster(dataDirectory: string): Promise<string | undefined> {
  const entry = clusterDirectory(dataDirectory);
  const target = await readlink(entry).catch(() => undefined);
  if (target === undefined) return (await exists(entry)) ? entry : undefined;
  if (await exists(dirname(target))) return target;
  throw new Error(
    `The database of ${dataDirectory} lies in ${target}, which is gone. ` +
      `Bring it back, or remove the link ${entry} to start afresh.`,
  );
}

async function makePlace(prefix: string): Promise<string> {
  if (await mkdir(PLACE, { recursive: true })) await chmod(PLACE, 0o755);
  const place = await mkdtemp(join(PLACE, prefix));
  await chmod(place, 0o711);
  return place;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
