import { once } from 'node:events';
import { Cluster } from './cluster/cluster.ts';
import { assertCounted } from './cluster/invariants.ts';
import { Random } from './random.ts';
import type { Figures, Scenario } from './scenario.ts';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Plays a scenario on a fresh cluster, and checks in the end what holds after all of them.
 * @param deadlineMs How long it may take, cluster included.
 * @throws Error that names the scenario and the seed, with the broken promise as its cause.
 */
export async function play(
  scenario: Scenario,
  size: 'short' | 'full',
  seed: number,
  deadlineMs: number,
): Promise<Figures> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), deadlineMs);
  const tooLate = once(late.signal, 'abort').then(() => {
    throw new Error(`It was not over after ${deadlineMs} ms.`);
  });

  const cluster = await Cluster.start();
  const end = (signal: NodeJS.Signals) =>
    void cluster.close().finally(() => process.kill(process.pid, signal));
  for (const signal of STOP_SIGNALS) process.once(signal, end);
  try {
    const figures = await Promise.race([scenario.run(cluster, scenario[size], new Random(seed)), tooLate]);
    await assertCounted(cluster.database);
    return figures;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${scenario.name}, seed ${seed}: ${reason}`, { cause });
  } finally {
    clearTimeout(timer);
    await cluster.close();
    for (const signal of STOP_SIGNALS) process.removeListener(signal, end);
  }
}
