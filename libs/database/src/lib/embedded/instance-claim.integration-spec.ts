import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { claimInstance } from './instance-claim.ts';

describe('claimInstance', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pipelines-claim-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('writes who owns the directory, and removes that on release', async () => {
    const release = await claimInstance(directory);
    expect(JSON.parse(await readFile(join(directory, 'instance.json'), 'utf8'))).toEqual({
      pid: process.pid,
      startedAt: expect.stringMatching(/./),
    });

    await release();

    expect(await readdir(directory)).toEqual([]);
  });

  it('gives the directory to one of several that ask at once', async () => {
    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => claimInstance(directory)));

    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(directory)).toEqual(['instance.json']);
  });

  it.each([
    ['of a process that has ended', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' })],
    [
      'of an earlier process with the id of a living one',
      JSON.stringify({ pid: process.pid, startedAt: '1' }),
    ],
    ['that a power failure left empty', ''],
  ])('replaces the claim %s, once', async (_whose, claim) => {
    await writeFile(join(directory, 'instance.json'), claim);

    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => claimInstance(directory)));

    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(directory)).toEqual(['instance.json']);
  });
});
