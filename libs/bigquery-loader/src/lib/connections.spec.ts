import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '@pipelines/pipeline';
import { JWT, PassThroughClient } from 'google-auth-library';
import { toPipelineError } from './bigquery.errors.ts';
import { Connections } from './connections.ts';

const KEY = {
  client_email: 'loader@acme.iam.gserviceaccount.com',
  private_key_id: 'abc',
  private_key: 'PEM',
};
const credential = (version = 1, change: object = {}) => ({
  name: 'default',
  version,
  secret: new Secret<object>({ ...KEY, ...change }),
});

describe('Connections', () => {
  const options = { projectId: 'test-project', location: 'EU' };

  it("keeps one client per organization and version of its credential, and one for the service's own", async () => {
    const connections = new Connections(options);
    const acme = await connections.of({ org: 'acme', credential: credential() });

    expect(await connections.of({ org: 'acme', credential: credential() })).toBe(acme);
    for (const other of [
      {},
      { org: 'acme' },
      { org: 'other', credential: credential() },
      { org: 'acme', credential: credential(2) },
      { org: 'acme', credential: { ...credential(), name: 'second' } },
      { org: 'acme', credential: credential(1, { private_key_id: 'stored anew' }) },
    ]) {
      expect((await connections.of(other)).client).not.toBe(acme.client);
    }
    expect(await connections.of({ org: 'other' })).toBe(await connections.of({}));
  });

  it('opens the place of the organization, by default that of the service', async () => {
    const connections = new Connections(options);

    expect(await connections.of({ place: { project: 'acme-project' } })).toMatchObject({
      project: 'acme-project',
      location: 'EU',
      client: { projectId: 'acme-project', location: 'EU' },
    });
    expect(await connections.of({ place: { location: 'US' } })).toMatchObject({
      project: 'test-project',
      location: 'US',
    });
  });

  it("signs with the organization's service account, its line breaks repaired", async () => {
    const { client } = await new Connections(options).of({
      org: 'acme',
      credential: credential(1, { private_key: 'one\\ntwo\n' }),
    });

    expect(client.authClient.cachedCredential).toBeInstanceOf(JWT);
    expect(client.authClient.cachedCredential).toMatchObject({
      email: 'loader@acme.iam.gserviceaccount.com',
      keyId: 'abc',
      key: 'one\ntwo\n',
      scopes: ['https://www.googleapis.com/auth/bigquery'],
    });
  });

  it('asks Google alone for the token, and blames the credential when Google refuses it', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const secret = { private_key: pem, token_uri: 'https://evil.example/token' };
    const { client } = await new Connections(options).of({ org: 'acme', credential: credential(1, secret) });
    const asked: string[] = [];
    (client.authClient.cachedCredential as JWT).transporter.defaults.fetchImplementation = (url) => {
      asked.push(String(url));
      const body = { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' };
      return Promise.resolve(Response.json(body, { status: 400 }));
    };

    const refusal: unknown = await client
      .dataset('acme_prod')
      .getMetadata()
      .catch((error: unknown) => error);

    expect(asked).toEqual(['https://oauth2.googleapis.com/token']);
    expect(toPipelineError(refusal)).toMatchObject({ code: 'credential_rejected', transient: false });
  });

  it('sends no token of an organization to an emulator', async () => {
    const emulated = new Connections({ ...options, apiEndpoint: 'http://127.0.0.1:9050' });

    const { client } = await emulated.of({ org: 'acme', credential: credential() });

    expect(client.authClient.cachedCredential).toBeInstanceOf(PassThroughClient);
  });

  it('forgets the connection that was not used for longest', async () => {
    const connections = new Connections(options, 2);
    const of = (org: string) => connections.of({ org, credential: credential() });
    const [a, b] = [await of('a'), await of('b')];
    expect(await of('a')).toBe(a);

    await of('c');

    expect(await of('a')).toBe(a);
    expect(await of('b')).not.toBe(b);
  });

  it('refuses what is no service-account key, and quotes nothing of it', async () => {
    const refused = new Connections(options).of({
      org: 'acme',
      credential: { name: 'loader', version: 1, secret: new Secret<object>({ private_key: 'hunter2' }) },
    });

    await expect(refused).rejects.toMatchObject({
      code: 'credential_malformed',
      message: expect.stringMatching(/^(?!.*hunter2).*"loader"/),
    });
  });
});
