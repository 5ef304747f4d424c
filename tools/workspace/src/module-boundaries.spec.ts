import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';

const run = promisify(execFile);
const RULE = '@nx/enforce-module-boundaries';
const ROOT = join(import.meta.dirname, '../../..');

describe('module boundaries', () => {
  let eslint: ESLint;
  let untypedProjects: string[];

  beforeAll(async () => {
    // Without Nx's cached project graph the rule is silent about everything.
    const nx = join(ROOT, 'node_modules/.bin/nx');
    const { stdout } = await run(
      process.execPath,
      [nx, 'show', 'projects', '--exclude', 'tag:type:*', '--json'],
      {
        cwd: ROOT,
      },
    );
    untypedProjects = JSON.parse(stdout) as string[];
    eslint = new ESLint({
      cwd: ROOT,
      ruleFilter: ({ ruleId }) => ruleId === RULE,
      // The rule needs no types; without them a fixture is linted in milliseconds.
      overrideConfig: { languageOptions: { parserOptions: { project: null } } },
    });
  });

  /** What the workspace's own configuration says when the lib's index imports from `specifier`. */
  const complaintsAbout = async (lib: string, specifier: string): Promise<string[]> => {
    const filePath = join(ROOT, 'libs', lib, 'src/index.ts');
    const [result] = await eslint.lintText(`export { anything } from '${specifier}';`, { filePath });
    return result!.messages.map(({ ruleId, message }) => `${ruleId}: ${message.split('\n')[0]}`);
  };

  it('hold for every project, because each has a type', () => {
    expect(untypedProjects).toEqual([]);
  });

  it.each([
    ['a provider', 'processors-openai', '@pipelines/pipeline'],
    ['a domain lib', 'quota', '@pipelines/pipeline'],
    ['a domain lib', 'quota', '@pipelines/database'],
    ['the flow', 'runs', '@pipelines/quota'],
    ['a trigger', 'backfills', '@pipelines/runs'],
  ])('let %s, %s, import %s', async (_kind, lib, specifier) => {
    expect(await complaintsAbout(lib, specifier)).toEqual([]);
  });

  it.each([
    ['a provider', 'processors-openai', '@pipelines/database', 'type:provider', '"type:contract"'],
    ['a provider', 'processors-openai', '@pipelines/processors-gcp', 'type:provider', '"type:contract"'],
    ['a domain lib', 'quota', '@pipelines/credentials', 'type:domain', '"type:infra", "type:contract"'],
    [
      'the flow',
      'runs',
      '@pipelines/duckdb-loader',
      'type:flow',
      '"type:domain", "type:infra", "type:contract"',
    ],
  ])('forbid that %s, %s, imports %s', async (_kind, lib, specifier, tag, allowed) => {
    expect(await complaintsAbout(lib, specifier)).toEqual([
      `${RULE}: A project tagged with "${tag}" can only depend on libs tagged with ${allowed}`,
    ]);
  });

  it('forbid that one trigger imports another, or a loader', async () => {
    for (const specifier of ['@pipelines/schedules', '@pipelines/duckdb-loader']) {
      expect(await complaintsAbout('backfills', specifier)).toEqual([
        expect.stringContaining('A project tagged with "type:trigger" can only depend on libs tagged with'),
      ]);
    }
  });

  it('forbid a cycle between projects', async () => {
    expect(await complaintsAbout('database', '@pipelines/credentials')).toEqual([
      `${RULE}: Circular dependency between "@pipelines/database" and "@pipelines/credentials" detected: @pipelines/database -> @pipelines/credentials -> @pipelines/database`,
    ]);
  });

  it('forbid a path into another lib', async () => {
    expect(await complaintsAbout('quota', '../../pipeline/src/lib/secret/secret.ts')).toEqual([
      `${RULE}: Projects cannot be imported by a relative or absolute path, and must begin with a npm scope`,
    ]);
  });

  it('leave no way past the index of a lib, because its package exports nothing else', async () => {
    const script = `import '@pipelines/pipeline/src/lib/secret/secret.ts'`;

    await expect(
      run(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT }),
    ).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
