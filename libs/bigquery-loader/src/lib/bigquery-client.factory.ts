import type { BigQuery } from '@google-cloud/bigquery';
import type { BigQueryLoaderOptions } from './bigquery-loader.options.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Makes the client, with the application default credentials of the machine. An endpoint on a loopback host is an
 * emulator: it gets no credentials, so that a real token can never be sent to it.
 */
export async function createBigQueryClient(options: BigQueryLoaderOptions): Promise<BigQuery> {
  const { projectId, location, apiEndpoint } = options;
  // Imported here: the client would cost every start of the service 75 ms and 28 MB, used or not.
  const { BigQuery } = await import('@google-cloud/bigquery');
  if (apiEndpoint === undefined) return new BigQuery({ projectId, location });
  if (!LOOPBACK.test(new URL(apiEndpoint).hostname))
    return new BigQuery({ projectId, location, apiEndpoint });
  const { PassThroughClient } = await import('google-auth-library');
  return new BigQuery({ projectId, location, apiEndpoint, authClient: new PassThroughClient() });
}
