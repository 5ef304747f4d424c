import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { DEFAULT_API_KEY as ANTHROPIC_API_KEY } from './anthropic/admin-key.ts';
import { addAnthropicRoutes } from './anthropic/anthropic-routes.ts';
import { addClockRoutes, SandboxClock } from './control/clock.ts';
import { addControlRoutes } from './control/control-routes.ts';
import { injectFaults } from './control/fault-hooks.ts';
import { Faults } from './control/faults.ts';
import { EXPORT_TABLES } from './gcp/exports/export-tables.ts';
import { addGcpRoutes } from './gcp/gcp-routes.ts';
import { createServiceAccount, type ServiceAccountKey } from './gcp/service-account.ts';
import { DEFAULT_API_KEY } from './openai/admin-key.ts';
import { addOpenAiRoutes } from './openai/openai-routes.ts';

/** How to start the sandbox. */
export interface ProviderSandboxOptions {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Port to listen on. Default 0, any free one. */
  readonly port?: number;
  /** Chooses the data; the same seed gives the same data on every machine. Default `pipelines`. */
  readonly seed?: string;
  /** Digits behind the point that a cost has at most, 12 to 25. Default 25, as the real API has them. */
  readonly costFractionDigits?: number;
  /** Dataset of the exports that the credential names. Default `acme_corp_billing`. */
  readonly exportDataset?: string;
}

/** A running sandbox. */
export interface ProviderSandbox {
  readonly url: string;
  /** Base URLs to set where the providers' own would stand. */
  readonly endpoints: {
    readonly openai: string;
    readonly anthropic: string;
    readonly gcpBillingCatalog: string;
    readonly gcpToken: string;
  };
  /** Secrets that the sandbox accepts, in the shape that organizations store. */
  readonly credentials: {
    readonly openai: { readonly api_key: string };
    readonly anthropic: { readonly api_key: string };
    /** Names the exports that `seedGcpExports` fills. */
    readonly gcp: ServiceAccountKey & {
      readonly billing_export_table: string;
      readonly pricing_export_table: string;
    };
  };
  close(): Promise<void>;
}

/** Starts the providers' APIs on this machine: deterministic data, the quirks of the real ones, faults on demand. */
export async function startProviderSandbox({
  host = '127.0.0.1',
  port = 0,
  seed = 'pipelines',
  costFractionDigits = 25,
  exportDataset = 'acme_corp_billing',
}: ProviderSandboxOptions = {}): Promise<ProviderSandbox> {
  const faults = new Faults();
  const clock = new SandboxClock();
  // Hung requests must not outlive the server.
  const app = fastify({ forceCloseConnections: true });
  addControlRoutes(app, faults);
  addClockRoutes(app, clock);
  injectFaults(app, faults);
  addOpenAiRoutes(app, seed, clock, costFractionDigits);
  addAnthropicRoutes(app, seed, clock, costFractionDigits);
  addGcpRoutes(app, seed);

  await app.listen({ host, port });
  const url = `http://${host}:${(app.server.address() as AddressInfo).port}`;
  return {
    url,
    endpoints: {
      openai: `${url}/openai/v1`,
      anthropic: `${url}/anthropic`,
      gcpBillingCatalog: `${url}/gcp/v1`,
      gcpToken: `${url}/gcp/token`,
    },
    credentials: {
      openai: { api_key: DEFAULT_API_KEY },
      anthropic: { api_key: ANTHROPIC_API_KEY },
      gcp: {
        ...createServiceAccount(),
        billing_export_table: `${exportDataset}.${EXPORT_TABLES.detailed.name}`,
        pricing_export_table: `${exportDataset}.${EXPORT_TABLES.pricing.name}`,
      },
    },
    close: () => app.close(),
  };
}
