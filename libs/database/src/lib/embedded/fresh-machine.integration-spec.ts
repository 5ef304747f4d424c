import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensurePostgresUser } from './os-user.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { canPlayMachines, runOn, startOn, type Machine } from './testing/other-machine.ts';

const run = promisify(execFile);
const MAKE = 'CREATE TABLE kept AS SELECT 42 AS answer';
const READ = 'SELECT answer FROM kept';
const KEPT = [{ answer: 42 }];
const STRANGER = 54_321;
const describeAsRoot = process.getuid?.() === 0 && canPlayMachines() ? describe : describe.skip;

/** What root finds on a machine: a home that it alone can enter, `/srv`, which everybody can, and `/var/lib`. */
describeAsRoot('PostgreSQL on a fresh machine', () => {
  let machine: string;
  let home: string;
  let srv: string;
  let withNamespaces: Machine;
  let without: Machine;

  beforeEach(async () => {
    machine = await mkdtemp(join(tmpdir(), 'pipelines root-'));
    await chmod(machine, 0o755);
    [home, srv] = [join(machine, 'home'), join(machine, 'srv')];
    const varLib = join(machine, 'var-lib');
    for (const directory of [home, srv, varLib]) await mkdir(directory);
    await chmod(home, 0o700);
    withNamespaces = { varLib, userNamespaces: true, uid: 0 };
    without = { varLib, userNamespaces: false, uid: 0 };
  });

  afterEach(() => rm(machine, { recursive: true }));

  describe('in a user namespace', () => {
    it.each([0o700, 0o755])(
      'leaves everything root’s, and as it was, in a data directory of mode %o',
      async (mode) => {
        const dataDirectory = join(home, '.data');
        await mkdir(dataDirectory, { mode });

        expect(await startOn(withNamespaces, dataDirectory, MAKE)).not.toHaveProperty('notice');

        expect(await startOn(withNamespaces, dataDirectory, READ)).toMatchObject({ rows: KEPT, log: [] });
        expect((await stat(dataDirectory)).mode & 0o777).toBe(mode);
        expect((await stat(home)).mode & 0o777).toBe(0o700);
        for (const name of await readdir(dataDirectory, { recursive: true })) {
          expect([name, (await lstat(join(dataDirectory, name))).uid]).toEqual([name, 0]);
        }
        expect(await readdir(withNamespaces.varLib)).toEqual([]);
      },
    );

    it('closes a data directory that it makes', async () => {
      const dataDirectory = join(srv, 'data');

      await startOn(withNamespaces, dataDirectory, MAKE);

      expect((await stat(dataDirectory)).mode & 0o777).toBe(0o700);
    });

    it('finds its data after the data directory was moved', async () => {
      await startOn(withNamespaces, join(home, 'before'), MAKE);
      await rename(join(home, 'before'), join(srv, 'after'));

      expect(await startOn(withNamespaces, join(srv, 'after'), READ)).toMatchObject({ rows: KEPT });
    });
  });

  describe('without user namespaces', () => {
    it('runs as the user postgres, with its data where it is told to have them', async () => {
      const dataDirectory = join(srv, 'data');

      const { notice } = await startOn(without, dataDirectory, MAKE);

      expect(notice).toBe(
        'PostgreSQL refuses to run as root, and no user namespace that reaches its files is allowed here. ' +
          `It runs as user "postgres", its programs from ${dirname((await findPostgresBinaries()).postgres)} ` +
          `and its data in ${dataDirectory}/postgres.`,
      );
      expect((await stat(join(dataDirectory, 'postgres'))).uid).toBe((await ensurePostgresUser()).uid);
      expect(await startOn(without, dataDirectory, READ)).toMatchObject({ rows: KEPT });
      expect(await readdir(without.varLib)).toEqual([]);
    });

    it('keeps its data in a place of its own when the user postgres cannot enter, and says where', async () => {
      const dataDirectory = join(home, '.data');

      const { notice } = await startOn(without, dataDirectory, MAKE);

      const place = await readlink(join(dataDirectory, 'postgres'));
      expect(place).toMatch(/^\/var\/lib\/pipelines\/data-\w+\/postgres$/);
      expect(notice).toContain(`its data in ${place}.`);
      expect(await startOn(without, dataDirectory, READ)).toMatchObject({ rows: KEPT, notice, log: [] });
      expect((await stat(home)).mode & 0o777).toBe(0o700);
    });

    it('finds the place after the data directory was moved, and when user namespaces are allowed again', async () => {
      await startOn(without, join(home, 'before'), MAKE);
      await rename(join(home, 'before'), join(home, 'after'));

      expect(await startOn(without, join(home, 'after'), READ)).toMatchObject({ rows: KEPT });
      expect(await startOn(withNamespaces, join(home, 'after'), READ)).toMatchObject({ rows: KEPT });
      expect(await startOn(without, join(home, 'after'), READ)).toMatchObject({ rows: KEPT });
    });

    it('says so when the place is gone, instead of starting afresh', async () => {
      const dataDirectory = join(home, '.data');
      await startOn(without, dataDirectory, MAKE);
      const place = dirname(await readlink(join(dataDirectory, 'postgres')));
      await rm(join(without.varLib, 'pipelines', basename(place)), { recursive: true });

      expect(await startOn(without, dataDirectory, READ)).toMatchObject({
        error:
          `The database of ${dataDirectory} lies in ${place}/postgres, which is gone. ` +
          `Bring it back, or remove the link ${dataDirectory}/postgres to start afresh.`,
      });
    });

    it('names the directory in the way of data that were moved where the user postgres cannot enter', async () => {
      await startOn(without, join(srv, 'data'), MAKE);
      await rename(join(srv, 'data'), join(home, 'data'));

      expect(await startOn(without, join(home, 'data'), READ)).toMatchObject({
        error: expect.stringContaining(
          `who cannot enter ${home}. Open that directory with "chmod o+x ${home}", or set DATA_DIR`,
        ),
      });
    });

    it('runs a copy of the programs when the user postgres cannot enter where npm put them', async () => {
      const { postgres } = await findPostgresBinaries();
      const installed = join(home, 'node_modules');
      await cp(join(dirname(postgres), '../..'), installed, { recursive: true, verbatimSymlinks: true });
      const script = `
        const { copyBinaries } = await import(${JSON.stringify(new URL('./own-place.ts', import.meta.url).href)});
        const bin = ${JSON.stringify(join(installed, 'native/bin'))};
        const installed = { initdb: bin + '/initdb', postgres: bin + '/postgres' };
        const [first, second] = [await copyBinaries(installed), await copyBinaries(installed)];
        const { execFileSync } = await import('node:child_process');
        const version = execFileSync(first.postgres, ['--version'], { ...${JSON.stringify(await ensurePostgresUser())} });
        console.log(JSON.stringify([first, second, version.toString()]));`;

      const { stdout } = await runOn(without, script);

      const [first, second, version] = JSON.parse(stdout) as [{ postgres: string }, object, string];
      expect(first.postgres).toMatch(/^\/var\/lib\/pipelines\/postgresql-18[^/]*\/bin\/postgres$/);
      expect(second).toEqual(first);
      expect(version).toMatch(/^postgres \(PostgreSQL\) 18/);
      expect(await readdir(join(without.varLib, 'pipelines'))).toHaveLength(1);
    });
  });

  it('takes data over from the user postgres, and hands them back', async () => {
    const dataDirectory = join(srv, 'data');
    const cluster = join(dataDirectory, 'postgres');
    await startOn(without, dataDirectory, MAKE);

    const { uid } = await ensurePostgresUser();
    expect(await startOn(withNamespaces, dataDirectory, READ)).toMatchObject({
      rows: KEPT,
      log: [`Handing ${cluster} over from user id ${uid} to user id 0.`],
    });
    expect((await run('find', [cluster, '-not', '-uid', '0'])).stdout).toBe('');
    expect(await startOn(without, dataDirectory, READ)).toMatchObject({
      rows: KEPT,
      log: [`Handing ${cluster} over from user id 0 to user id ${uid}.`],
    });
  });

  it('is started for a user without a name, in a private home, where user namespaces are allowed', async () => {
    await chown(home, STRANGER, STRANGER);
    const dataDirectory = join(home, '.data');

    expect(await startOn({ ...withNamespaces, uid: STRANGER }, dataDirectory, MAKE)).not.toHaveProperty(
      'notice',
    );

    const again = await startOn({ ...withNamespaces, uid: STRANGER }, dataDirectory, READ);
    expect(again).toMatchObject({ rows: KEPT, log: [] });
    expect((await startOn({ ...without, uid: STRANGER }, join(home, 'other'), MAKE)).error).toContain(
      'PostgreSQL refuses to run as a user without a name',
    );
  });

  it('takes a place of its own in the private home of another user, whose files root in a namespace cannot reach', async () => {
    await chown(home, STRANGER, STRANGER);
    const dataDirectory = join(home, '.data');

    expect(await startOn(withNamespaces, dataDirectory, MAKE)).toHaveProperty('notice');

    expect(await startOn(withNamespaces, dataDirectory, READ)).toMatchObject({ rows: KEPT });
  });
});
