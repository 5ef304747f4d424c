import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';

const DEADLINE_MS = 180_000;

const skipped = SCENARIOS.filter(({ name, whySkipped }) => {
  const reason = whySkipped?.();
  // Not the console, to whose lines Jest adds four more.
  if (reason !== undefined) process.stderr.write(`Skipped: ${name}. ${reason}\n`);
  return reason !== undefined;
});

describe('the promises of runs, under violence', () => {
  // Most of them wait: for a lease to lapse, a server to start, a delay to pass.
  it.concurrent.each(SCENARIOS.filter((scenario) => !skipped.includes(scenario)))(
    '$name: $promise',
    async (scenario) => {
      await expect(play(scenario, scenario.short, randomInt(2 ** 32), DEADLINE_MS)).resolves.toBeDefined();
    },
    DEADLINE_MS + 10_000,
  );

  for (const { name, promise } of skipped) it.skip(`${name}: ${promise}`, () => undefined);
});
