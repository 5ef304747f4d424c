import type { ProviderSandboxOptions } from '@pipelines/provider-sandbox';
import type { Cluster } from './cluster/cluster.ts';
import type { Random } from './random.ts';

/** What a scenario measured, for a person to read; the unit stands in the name. */
export type Figures = Readonly<Record<string, number>>;

/** A promise of the product and the violence that is to break it. */
export interface Scenario<Size extends object = object> {
  /** Name for the command line, in kebab-case. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly promise: string;
  /** Size of a few seconds, for the tests. */
  readonly short: Size;
  /** Size that proves the promise, next to the other scenarios. */
  readonly full: Size;
  /** A larger size, for which there is time when the scenario is played by itself. */
  readonly alone?: Size;
  /** What the provider's data are like, where that matters. */
  readonly provider?: ProviderSandboxOptions;
  /** Why it cannot be played on this machine, and what to do; undefined when it can. */
  whySkipped?(): string | undefined;
  /**
   * Plays the scenario on a cluster of its own, which has no service process yet.
   * @throws AssertionError, or any error, when the promise does not hold.
   */
  run(cluster: Cluster, size: Size, random: Random): Promise<Figures>;
}
