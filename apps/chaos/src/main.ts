import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runCommand } from '@pipelines/service-driver';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

/** A scenario that is not over by then has failed. */
const ALL_WITHIN_MS = 10 * 60_000;
/** Scenarios that are played at once; most of them wait more than they work. */
const AT_ONCE = 2;

/**
 * Plays every scenario at its full size, or the one that `--only` names at the size that there is time for then, and
 * prints what it measured. `--seed` repeats the choices of an earlier run, `--short` takes the size of the tests. The exit
 * code is 1 when a promise was broken.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, seed: { type: 'string' }, short: { type: 'boolean' } },
  });
  const seed = values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed);
  if (!Number.isInteger(seed)) throw new Error(`--seed takes an integer, not "${values.seed}".`);
  const chosen = SCENARIOS.filter(({ name }) => values.only === undefined || name === values.only);
  if (chosen.length === 0) {
    throw new Error(`--only takes one of: ${SCENARIOS.map(({ name }) => name).join(', ')}.`);
  }
  const deadline = performance.now() + ALL_WITHIN_MS;
  const playNext = async (): Promise<void> => {
    for (let scenario = chosen.shift(); scenario; scenario = chosen.shift()) {
      const { short, full, alone = full } = scenario;
      const size = values.short ? short : values.only ? alone : full;
      await playOne(scenario, size, seed, deadline - performance.now());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, playNext));
}

async function playOne(scenario: Scenario, size: object, seed: number, deadlineMs: number): Promise<void> {
  const reason = scenario.whySkipped?.();
  if (reason !== undefined) {
    console.log(`${scenario.name}: ${scenario.promise}\n  SKIPPED. ${reason}`);
    return;
  }
  const startedAt = performance.now();
  const told: unknown[] = ['\n  seed', seed, '\n  size', size];
  try {
    if (deadlineMs <= 0) throw new Error('There was no time left to play it.');
    told.push(
      '\n  figures',
      await play(scenario, size, seed, deadlineMs),
      `\n  PASS in ${secondsSince(startedAt)} s`,
    );
  } catch (error) {
    told.push('\n', error, `\n  FAIL in ${secondsSince(startedAt)} s`);
    process.exitCode = 1;
  }
  console.log(`${scenario.name}: ${scenario.promise}`, ...told);
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}

await runCommand(main);
