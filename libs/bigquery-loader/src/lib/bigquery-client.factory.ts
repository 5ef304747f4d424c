import type { BigQuery } from '@google-cloud/bigquery';
import type { AuthClient } from 'google-auth-library';
import type { BigQueryLoaderOptions } from './bigquery-loader.options.ts';
import type { ServiceAccount } from './service-account.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const SCOPE = 'https://www.googleapis.com/auth/bigquery';

/**
 * Makes the client, with the service account or, without one, the application default credentials of the machine. An
 * endpoint on a loopback host is an emulator: it gets no credentials, so that a real token can never be sent to it.
 */
export async function createBigQueryClient(
  { projectId, location, apiEndpoint }: BigQueryLoaderOptions,
  account?: ServiceAccount,
): Promise<BigQuery> {
  // Imported here: the client would cost every start of the service 75 ms and 28 MB, used or not.
  const { BigQuery } = await import('@google-cloud/bigquery');
  const authClient = await authClientFor(apiEndpoint, account);
  return new BigQuery({ projectId, location, apiEndpoint, authClient });
}

/** Undefined leaves it to the client to find the application default credentials. */
async function authClientFor(
  apiEndpoint: string | undefined,
  account: ServiceAccount | undefined,
): Promise<AuthClient | undefined> {
  const emulated = apiEndpoint !== undefined && LOOPBACK.test(new URL(apiEndpoint).hostname);
  if (!emulated && !account) return undefined;
  const { JWT, PassThroughClient } = await import('google-auth-library');
  if (emulated || !account) return new PassThroughClient();
  return new JWT({ email: account.email, key: account.privateKey, keyId: account.keyId, scopes: [SCOPE] });
}
