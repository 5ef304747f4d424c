import { lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findPostgresUser, type OsUser } from './os-user.ts';

/**
 * Sees to it that the cluster belongs to whom PostgreSQL runs as. As root that may change from start to start, between
 * root, in a user namespace, and the user `postgres`; what belongs to one of them is handed over.
 *
 * @param owner user id of the cluster's directory.
 * @param user whom PostgreSQL runs as; undefined for the user that we are.
 * @throws Error when the cluster belongs to anybody else.
 */
export async function adoptFiles(
  cluster: string,
  owner: number,
  user: OsUser | undefined,
  log: (message: string) => void,
): Promise<void> {
  const uid = user?.uid ?? process.getuid?.();
  if (uid === undefined || owner === uid) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || (owner !== 0 && owner !== (await findPostgresUser())?.uid)) {
    throw new Error(
      `${cluster} belongs to user id ${owner}, but PostgreSQL would run as user id ${uid}. ` +
        `Start as the user of earlier runs, or hand it over with "chown -R ${uid} ${cluster}".`,
    );
  }
  log(`Handing ${cluster} over from user id ${owner} to user id ${uid}.`);
  for (const name of await readdir(cluster, { recursive: true })) {
    await lchown(join(cluster, name), uid, user?.gid ?? 0);
  }
  // Last, so that a hand-over that was interrupted is seen as one that did not happen.
  await lchown(cluster, uid, user?.gid ?? 0);
}
