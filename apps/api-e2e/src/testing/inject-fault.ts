import type { ProviderSandbox } from '@pipelines/provider-sandbox';

/** Arms a fault of the sandbox, as `POST /_sandbox/faults` takes it. */
export async function injectFault(sandbox: ProviderSandbox, fault: object): Promise<void> {
  const response = await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Disarms all faults. */
export async function clearFaults(sandbox: ProviderSandbox): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
}
