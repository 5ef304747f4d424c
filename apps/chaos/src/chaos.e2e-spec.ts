import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';

const DEADLINE_MS = 180_000;

describe('the promises of runs, under violence', () => {
  // Most of them wait: for a lease to lapse, a server to start, a delay to pass.
  it.concurrent.each(SCENARIOS)(
    '$name: $promise',
    async (scenario) => {
      await expect(play(scenario, 'short', randomInt(2 ** 32), DEADLINE_MS)).resolves.toBeDefined();
    },
    DEADLINE_MS + 10_000,
  );
});
