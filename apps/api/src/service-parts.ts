import type { Settings } from './settings/settings.ts';

/** Everything that differs between embedded mode and production, settled before the modules are put together. */
export interface ServiceParts {
  readonly settings: Settings;
  readonly databaseUrl: string;
  readonly supabaseUrl: string;
  /** True when plans live in our own tables. */
  readonly managesSubscriptions: boolean;
  readonly rootApiKey: string;
  /** 32 bytes. */
  readonly credentialsKey: Buffer;
  readonly duckdbPath: string;
  readonly endpoints: ProviderEndpoints;
}

/** Base URLs of the providers' APIs. */
export interface ProviderEndpoints {
  readonly openai: string;
  readonly anthropic: string;
  readonly gcpBillingCatalog: string;
  readonly gcpToken: string;
}

/** The providers' own endpoints. */
export const REAL_ENDPOINTS: ProviderEndpoints = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com',
  gcpBillingCatalog: 'https://cloudbilling.googleapis.com/v1',
  gcpToken: 'https://oauth2.googleapis.com/token',
};
