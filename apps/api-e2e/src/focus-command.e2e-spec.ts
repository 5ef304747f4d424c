import { describe, expect, it } from '@jest/globals';
import { runCommand } from './testing/run-command.ts';

describe('a FOCUS command', () => {
  it.each([
    ['an unknown option', ['--organization', 'acme_corp'], "Unknown option '--organization'"],
    ['an option without its value', ['--org'], "Option '--org <value>' argument missing"],
    ['no organization', [], 'Name the organization by its slug: --org acme_corp'],
  ])('tells %s from violations by its exit code', async (_what, args, message) => {
    for (const command of ['focus/check/main', 'focus/export/main']) {
      const { exitCode, stderr } = await runCommand(command, args, {});

      expect([command, exitCode]).toEqual([command, 2]);
      expect(stderr).toMatch(new RegExp(`^${message}[^\\n]*\\n$`));
    }
  });
});
