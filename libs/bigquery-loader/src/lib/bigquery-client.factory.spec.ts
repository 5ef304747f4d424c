import { describe, expect, it } from '@jest/globals';
import { PassThroughClient } from 'google-auth-library';
import { createBigQueryClient } from './bigquery-client.factory.ts';

describe('createBigQueryClient', () => {
  const create = (apiEndpoint?: string) =>
    createBigQueryClient({ projectId: 'test-project', location: 'EU', apiEndpoint });

  it('speaks to BigQuery itself by default', async () => {
    const client = await create();

    expect(client.apiEndpoint).toBe('https://bigquery.googleapis.com');
    expect(client.location).toBe('EU');
    expect(client.authClient.cachedCredential).toBeNull();
  });

  it.each(['http://127.0.0.1:9050', 'http://localhost:9050', 'http://[::1]:9050'])(
    'sends no credentials to %s',
    async (endpoint) => {
      const client = await create(endpoint);

      expect(client.apiEndpoint).toBe(endpoint);
      expect(client.authClient.cachedCredential).toBeInstanceOf(PassThroughClient);
    },
  );

  it.each(['https://bigquery.example.com', 'https://localhost.example.com'])(
    'does not take %s for this machine',
    async (endpoint) => {
      expect((await create(endpoint)).authClient.cachedCredential).toBeNull();
    },
  );
});
