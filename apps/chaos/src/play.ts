import { Cluster } from './cluster/cluster.ts';
import { assertCounted } from './cluster/invariants.ts';
import { Random } from './random.ts';
import type { Figures, Scenario } from './scenario.ts';

/**
 * Plays a scenario on a fresh cluster, and checks in the end what holds after all of them.
 * @param size One of the scenario's own.
 * @param deadlineMs How long it may take, cluster included.
 * @throws Error that names the scenario and the seed, with the broken promise as its cause.
 */
export async function play(
  scenario: Scenario,
  size: object,
  seed: number,
  deadlineMs: number,
): Promise<Figures> {
  const startedAt = performance.now();
  const cluster = await Cluster.start(scenario.provider);
  try {
    const left = deadlineMs - (performance.now() - startedAt);
    const figures = await within(left, scenario.run(cluster, size, new Random(seed)));
    await assertCounted(cluster.database);
    return figures;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${scenario.name}, seed ${seed}: ${reason}`, { cause });
  } finally {
    await cluster.close();
  }
}

/** @throws Error when the work is not over in time. It is not interrupted: it ends with the cluster under it. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => tooLate.reject(new Error(`It was not over after ${Math.round(milliseconds / 1_000)} s.`)),
    Math.max(1, milliseconds),
  );
  try {
    return await Promise.race([work, tooLate.promise]);
  } finally {
    clearTimeout(timer);
  }
}
