import type { ProviderSandbox } from '@pipelines/provider-sandbox';
import { until } from '@pipelines/service-driver';
import { COSTS_PATH } from './cluster.ts';

const REQUEST_DEADLINE_MS = 20_000;

/** A fault for requests to the costs, with the members that `POST /_sandbox/faults` takes beside the path. */
export interface CostsFault {
  readonly kind: 'status' | 'truncate' | 'html' | 'hang' | 'reset';
  readonly status?: number;
  readonly retry_after?: number;
  readonly after_requests?: number;
  readonly times?: number;
}

/** Arms a fault. */
export async function injectFault({ url }: ProviderSandbox, fault: CostsFault): Promise<void> {
  const response = await fetch(`${url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path: COSTS_PATH, ...fault }),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Disarms all faults. */
export async function clearFaults({ url }: ProviderSandbox): Promise<void> {
  await fetch(`${url}/_sandbox/faults`, { method: 'DELETE' });
}

/** Waits until the sandbox has been asked for the costs this often. */
export function untilCostsRequested(sandbox: ProviderSandbox, times: number): Promise<void> {
  return until(
    `the costs were requested ${times} times`,
    REQUEST_DEADLINE_MS,
    async () => (await countCostsRequested(sandbox)) >= times,
  );
}

/** How often the sandbox has been asked for the costs. */
export async function countCostsRequested({ url }: ProviderSandbox): Promise<number> {
  const response = await fetch(`${url}/_sandbox/requests`);
  const { requests } = (await response.json()) as { requests: { path: string }[] };
  return requests.filter(({ path }) => path === COSTS_PATH).length;
}
