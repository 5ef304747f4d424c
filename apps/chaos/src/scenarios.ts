import type { Scenario } from './scenario.ts';
import { crowd } from './scenarios/crowd.ts';
import { frozenWorker } from './scenarios/frozen-worker.ts';
import { kill9 } from './scenarios/kill-9.ts';
import { postgresKill } from './scenarios/postgres-kill.ts';

/** Every scenario, in the order in which they are played. */
export const SCENARIOS: readonly Scenario[] = [crowd, kill9, postgresKill, frozenWorker];
