import { readFile, writeFile } from 'node:fs/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { CredentialStore } from '@pipelines/credentials';
import { ApiKeyStore, OrganizationStore } from '@pipelines/organizations';
import { PipelineError } from '@pipelines/pipeline';

/** Slug of the organization that embedded mode comes with. */
export const DEMO_ORGANIZATION = 'acme_corp';

const DEMO_PLAN = {
  status: 'TRIAL',
  trialEndsAt: null,
  dailyLimit: 1_000,
  monthlyLimit: 10_000,
  concurrentLimit: 10,
};

/**
 * Sees to it that the demo organization exists, has the given credentials and a working key. What an operator changed
 * of it stays. Returns the key, which embedded mode keeps in a file, so that the same one works after a restart.
 */
export async function ensureDemoOrganization(
  app: INestApplicationContext,
  keyPath: string,
  credentials: Readonly<Record<string, object>>,
): Promise<string> {
  const organizations = app.get(OrganizationStore, { strict: false });
  try {
    await organizations.requireExisting(DEMO_ORGANIZATION);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    await organizations.put(DEMO_ORGANIZATION, 'Acme Corporation', DEMO_PLAN);
  }
  const store = app.get(CredentialStore, { strict: false });
  for (const [provider, secret] of Object.entries(credentials)) {
    await store.put(DEMO_ORGANIZATION, provider, secret);
  }
  return demoKey(app.get(ApiKeyStore, { strict: false }), keyPath);
}

async function demoKey(keys: ApiKeyStore, path: string): Promise<string> {
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (await keys.recognise(kept)) return kept;
  const { key } = await keys.issue(DEMO_ORGANIZATION, ['run', 'read']);
  await writeFile(path, key, { mode: 0o600 });
  return key;
}
