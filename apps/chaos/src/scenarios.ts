import type { Scenario } from './scenario.ts';
import { cancelRace } from './scenarios/cancel-race.ts';
import { crowd } from './scenarios/crowd.ts';
import { fairness } from './scenarios/fairness.ts';
import { frozenWorker } from './scenarios/frozen-worker.ts';
import { kill9 } from './scenarios/kill-9.ts';
import { killStages, killStagesBigQuery } from './scenarios/kill-stages.ts';
import { midnight } from './scenarios/midnight.ts';
import { oneKey } from './scenarios/one-key.ts';
import { plansGone } from './scenarios/plans-gone.ts';
import { postgresKill } from './scenarios/postgres-kill.ts';
import { sigterm } from './scenarios/sigterm.ts';

/**
 * Every scenario, in the order in which they are played, two at once: one that keeps every core busy does so beside those
 * that wait more than they work.
 */
export const SCENARIOS: readonly Scenario[] = [
  kill9,
  frozenWorker,
  killStages,
  killStagesBigQuery,
  postgresKill,
  plansGone,
  midnight,
  fairness,
  sigterm,
  oneKey,
  crowd,
  cancelRace,
];
