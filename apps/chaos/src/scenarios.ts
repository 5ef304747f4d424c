import type { Scenario } from './scenario.ts';
import { crowd } from './scenarios/crowd.ts';
import { kill9 } from './scenarios/kill-9.ts';

/** Every scenario, in the order in which they are played. */
export const SCENARIOS: readonly Scenario[] = [crowd, kill9];
