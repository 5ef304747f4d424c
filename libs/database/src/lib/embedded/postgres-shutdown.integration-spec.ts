import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { shutDownLeftover } from './postgres-shutdown.ts';

describe('shutDownLeftover', () => {
  let cluster: string;
  const log = jest.fn();

  beforeEach(async () => {
    cluster = await mkdtemp(join(tmpdir(), 'pipelines-leftover-'));
  });

  afterEach(() => rm(cluster, { recursive: true }));

  it('leaves the lock file of a process that ended to PostgreSQL', async () => {
    await writeFile(join(cluster, 'postmaster.pid'), `${2 ** 22 + 1}\n${cluster}\n`);

    await shutDownLeftover(cluster, log);

    expect(await readdir(cluster)).toEqual(['postmaster.pid']);
  });

  it('removes the lock file whose process id went to another program, and spares that program', async () => {
    await writeFile(join(cluster, 'postmaster.pid'), `${process.pid}\n${cluster}\n`);

    await shutDownLeftover(cluster, log);

    expect(await readdir(cluster)).toEqual([]);
    expect(log).not.toHaveBeenCalled();
  });
});
