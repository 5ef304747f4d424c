import { setTimeout as delay } from 'node:timers/promises';
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

const DEADLINE_MS = 10_000;
const POLL_MS = 20;

/** Waits until the sandbox has received a request to the path whose query holds the text. */
export async function untilRequested(sandbox: ProviderSandbox, path: string, query: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${sandbox.url}/_sandbox/requests`);
    const { requests } = (await response.json()) as { requests: { path: string; query: string }[] };
    if (requests.some((request) => request.path === path && request.query.includes(query))) return;
    await delay(POLL_MS);
  }
  throw new Error(`Nobody asked for ${path}?…${query}… within ${DEADLINE_MS} ms.`);
}

/** Lets the providers know what they would know on that day: charges before it may be missing or not corrected yet. */
export async function pinClock(sandbox: ProviderSandbox, today: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ today });
  const response = await fetch(`${sandbox.url}/_sandbox/clock`, { method: 'PUT', headers, body });
  if (!response.ok) throw new Error(await response.text());
}

/** Gives the providers their final figures back. */
export async function releaseClock(sandbox: ProviderSandbox): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/clock`, { method: 'DELETE' });
}
