import { inspect } from 'node:util';
import { Resources } from './resources.ts';

/**
 * Runs the work of an entry point. The process ends with it: whatever the work has opened is closed, and an error is
 * written to standard error and makes the exit code 1, unless the work has set another one.
 */
export async function runCommand(
  work: (resources: Resources) => Promise<void>,
  describe: (error: unknown) => string = inspect,
): Promise<void> {
  const resources = new Resources();
  try {
    try {
      await work(resources);
    } finally {
      await resources.close();
    }
  } catch (error) {
    if (Resources.areStopping) return;
    console.error(describe(error));
    process.exitCode ??= 1;
  }
  // Something that was forgotten must not keep the process.
  if (!Resources.areStopping) process.exit();
}
