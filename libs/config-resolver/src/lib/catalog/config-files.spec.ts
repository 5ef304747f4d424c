import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfigFiles } from './config-files.ts';

describe('readConfigFiles', () => {
  let parent: string;
  let directory: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'configs-'));
    directory = join(parent, 'configs');
    mkdirSync(directory);
  });

  afterEach(() => rmSync(parent, { recursive: true }));

  const write = (path: string, content: string | Buffer = 'a: 1\n') => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  };

  it('takes the identity from the path', () => {
    write('openai/cost/costs_daily.yml', 'name: é\n');

    expect(readConfigFiles(directory)).toEqual({
      files: [
        {
          provider: 'openai',
          domain: 'cost',
          pipeline: 'costs_daily',
          file: 'openai/cost/costs_daily.yml',
          text: 'name: é\n',
          problems: [],
        },
      ],
      misplaced: [],
    });
  });

  it.each([
    'costs.yml',
    'openai/costs.yml',
    'openai/cost/daily/costs.yml',
    'openai/cost/costs.yaml',
    'openai/cost/costs.YML',
    'openai/cost/Costs.yml',
    'OpenAI/cost/costs.yml',
    'openai/cost/1costs.yml',
    'openai/cost/costs-daily.yml',
    'openai/cost/costs.v2.yml',
  ])('reports %s as declaring no pipeline', (path) => {
    write(path);

    const { files, misplaced } = readConfigFiles(directory);

    expect(files).toEqual([]);
    expect(misplaced).toEqual([
      {
        file: path,
        line: 1,
        column: 1,
        message: expect.stringContaining('put it at {provider}/{domain}/{pipeline}.yml'),
      },
    ]);
  });

  it('passes over files of other kinds and hidden ones', () => {
    write('pipeline.schema.json');
    write('openai/README.md');
    write('openai/cost/.costs.yml');
    write('.git/cost/costs.yml');

    expect(readConfigFiles(directory)).toEqual({ files: [], misplaced: [] });
  });

  const onlyProblem = () => {
    const { files } = readConfigFiles(directory);
    expect(files).toEqual([expect.objectContaining({ problems: [expect.anything()] })]);
    expect(files[0]).not.toHaveProperty('text');
    return files[0]!.problems[0]!.message;
  };

  it('does not follow a symbolic link out of the directory', () => {
    writeFileSync(join(parent, 'outside.yml'), 'secret: 1\n');
    mkdirSync(join(directory, 'openai/cost'), { recursive: true });
    symlinkSync(join(parent, 'outside.yml'), join(directory, 'openai/cost/costs.yml'));

    expect(onlyProblem()).toContain('leaves the configuration directory');
  });

  it('does not enter a folder that is a symbolic link', () => {
    mkdirSync(join(parent, 'outside/cost'), { recursive: true });
    writeFileSync(join(parent, 'outside/cost/costs.yml'), 'secret: 1\n');
    symlinkSync(join(parent, 'outside'), join(directory, 'openai'));

    const { files, misplaced } = readConfigFiles(directory);

    expect(files).toEqual([]);
    expect(misplaced).toEqual([
      {
        file: 'openai',
        line: 1,
        column: 1,
        message: expect.stringContaining('Links to folders are not followed'),
      },
    ]);
  });

  it('does not run in circles', () => {
    write('openai/cost/costs.yml');
    symlinkSync('..', join(directory, 'openai/again'));

    expect(readConfigFiles(directory).files.map(({ file }) => file)).toEqual(['openai/cost/costs.yml']);
  });

  it('follows a symbolic link that stays inside', () => {
    write('..data/costs.yml');
    mkdirSync(join(directory, 'openai/cost'), { recursive: true });
    symlinkSync('../../..data/costs.yml', join(directory, 'openai/cost/costs.yml'));

    expect(readConfigFiles(directory).files).toEqual([
      expect.objectContaining({ text: 'a: 1\n', problems: [] }),
    ]);
  });

  it('reports a symbolic link that leads nowhere', () => {
    mkdirSync(join(directory, 'openai/cost'), { recursive: true });
    symlinkSync('nowhere', join(directory, 'openai/cost/costs.yml'));

    expect(onlyProblem()).toContain('cannot be read as UTF-8 text (ENOENT)');
  });

  it('reads up to 64 KiB', () => {
    write('openai/cost/fits.yml', '#'.repeat(65_536));
    write('openai/cost/larger.yml', '#'.repeat(65_537));

    const { files } = readConfigFiles(directory);

    expect(files[0]).toMatchObject({ pipeline: 'fits', problems: [] });
    expect(files[1]!.problems[0]!.message).toBe(
      'The file has 65537 bytes; a configuration has at most 65536.',
    );
  });

  it('reads regular files alone', () => {
    mkdirSync(join(directory, 'openai/cost/folder'), { recursive: true });
    symlinkSync('folder', join(directory, 'openai/cost/costs.yml'));

    expect(onlyProblem()).toBe('This is not a regular file.');
  });

  it('refuses what is not UTF-8', () => {
    write('openai/cost/costs.yml', Buffer.from([0x61, 0x3a, 0x20, 0xff]));

    expect(onlyProblem()).toContain('cannot be read as UTF-8 text');
  });

  it('throws when the directory does not exist', () => {
    expect(() => readConfigFiles(join(parent, 'absent'))).toThrow('ENOENT');
  });
});
