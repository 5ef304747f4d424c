import { join, resolve } from 'node:path';
import { startEmbeddedPostgres } from '@pipelines/database';
import type { Settings } from '../settings/settings.ts';
import { REAL_ENDPOINTS, type ProviderEndpoints, type ServiceParts } from '../service-parts.ts';
import { DEMO_ORGANIZATION } from './demo-organization.ts';
import { duckdbPathOf } from '../warehouse-module.ts';
import { keyFromFile } from './key-file.ts';

/** The parts of the service, and what of them this process has to stop in the end. */
export interface PreparedParts {
  readonly parts: ServiceParts;
  /** Credentials that the provider sandbox accepts; none when the providers are real. */
  readonly sandboxCredentials: Readonly<Record<string, object>>;
  /** What an operator should know of the embedded PostgreSQL; undefined when all is as usual. */
  readonly notice: string | undefined;
  stop(): Promise<void>;
}

/**
 * Fills in what the settings leave open: an embedded PostgreSQL without `DATABASE_URL`, and with it key files and,
 * unless a provider is configured, the provider sandbox.
 * @param onDatabaseLost Called when the embedded PostgreSQL ends by itself.
 */
export async function prepareParts(settings: Settings, onDatabaseLost: () => void): Promise<PreparedParts> {
  const dataDirectory = resolve(settings.DATA_DIR);
  const duckdbPath = duckdbPathOf(settings);
  if (settings.DATABASE_URL !== undefined) {
    return {
      parts: {
        settings,
        duckdbPath,
        databaseUrl: settings.DATABASE_URL,
        supabaseUrl: settings.SUPABASE_DB_URL ?? settings.DATABASE_URL,
        managesSubscriptions: false,
        rootApiKey: settings.ROOT_API_KEY!,
        credentialsKey: Buffer.from(settings.CREDENTIALS_KEY!, 'base64'),
        endpoints: configuredEndpoints(settings),
      },
      sandboxCredentials: {},
      notice: undefined,
      stop: async () => undefined,
    };
  }

  const opened = new AsyncDisposableStack();
  try {
    const postgres = opened.adopt(
      await startEmbeddedPostgres({ dataDirectory, onExit: onDatabaseLost }),
      (started) => started.stop(),
    );
    const sandbox = await startSandboxUnlessConfigured(settings, duckdbPath);
    opened.defer(() => sandbox?.close());
    const key = settings.CREDENTIALS_KEY ?? (await keyFromFile(join(dataDirectory, 'credentials.key')));
    return {
      parts: {
        settings,
        duckdbPath,
        databaseUrl: postgres.url,
        supabaseUrl: settings.SUPABASE_DB_URL ?? postgres.url,
        managesSubscriptions: settings.SUPABASE_DB_URL === undefined,
        rootApiKey: settings.ROOT_API_KEY ?? (await keyFromFile(join(dataDirectory, 'root-api.key'))),
        credentialsKey: Buffer.from(key, 'base64'),
        endpoints: sandbox?.endpoints ?? configuredEndpoints(settings),
      },
      sandboxCredentials: { ...sandbox?.credentials },
      notice: postgres.notice,
      stop: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

function configuredEndpoints(settings: Settings): ProviderEndpoints {
  return {
    openai: settings.OPENAI_BASE_URL ?? REAL_ENDPOINTS.openai,
    anthropic: settings.ANTHROPIC_BASE_URL ?? REAL_ENDPOINTS.anthropic,
    gcpBillingCatalog: settings.GCP_BILLING_CATALOG_BASE_URL ?? REAL_ENDPOINTS.gcpBillingCatalog,
    gcpToken: settings.GCP_TOKEN_URL ?? REAL_ENDPOINTS.gcpToken,
  };
}

/** Of the sandbox's Google, the exports lie in the warehouse, as the real ones do. */
async function startSandboxUnlessConfigured(settings: Settings, duckdbPath: string) {
  const configured =
    settings.OPENAI_BASE_URL ??
    settings.ANTHROPIC_BASE_URL ??
    settings.GCP_BILLING_CATALOG_BASE_URL ??
    settings.GCP_TOKEN_URL;
  if (configured !== undefined) return undefined;
  const { seedGcpExports, startProviderSandbox } = await import('@pipelines/provider-sandbox');
  const dataset = `${DEMO_ORGANIZATION}_billing`;
  if (settings.WAREHOUSE === 'duckdb') await seedGcpExports(duckdbPath, { dataset });
  return startProviderSandbox({ exportDataset: dataset });
}
