import type { Repository } from 'typeorm';
import type { CredentialIdentity, SealedCredential } from '../encryption/credential-cipher.ts';
import type { CredentialEntity } from './credential.entity.ts';

const REPLACE = `
  INSERT INTO pipelines.credentials AS stored
    (org_slug, provider, name, version, ciphertext, iv, tag, wrapped_key, kek_uri)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (org_slug, provider, name) DO UPDATE SET
    version = EXCLUDED.version, ciphertext = EXCLUDED.ciphertext, iv = EXCLUDED.iv, tag = EXCLUDED.tag,
    wrapped_key = EXCLUDED.wrapped_key, kek_uri = EXCLUDED.kek_uri, updated_at = now()
  WHERE stored.version = EXCLUDED.version - 1
  RETURNING version`;

/**
 * Stores a version in the place of the one before. The version is part of what the ciphertext authenticates, so it is
 * fixed before the row is locked; false means that another call stored that version first.
 */
export async function replaceCredential(
  credentials: Repository<CredentialEntity>,
  { org, provider, name, version }: CredentialIdentity,
  { ciphertext, iv, tag, wrappedKey, kekUri }: SealedCredential,
): Promise<boolean> {
  const parameters = [org, provider, name, version, ciphertext, iv, tag, wrappedKey, kekUri];
  const stored = (await credentials.query(REPLACE, parameters)) as unknown[];
  return stored.length === 1;
}
