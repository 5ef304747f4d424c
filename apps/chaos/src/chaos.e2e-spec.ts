import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';

describe('the promises of runs, under violence', () => {
  it.each(SCENARIOS)(
    '$name: $promise',
    async (scenario) => {
      await expect(play(scenario, 'short', randomInt(2 ** 32))).resolves.toBeDefined();
    },
    90_000,
  );
});
