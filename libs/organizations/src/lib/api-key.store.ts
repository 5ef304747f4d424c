import { randomUUIDv7, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { PreparedStatement } from '@pipelines/database';
import type { Repository } from 'typeorm';
import { ApiKeyEntity, type ApiKeyScope } from './api-key.entity.ts';
import { generateApiKey, hashApiKey, prefixOfApiKey } from './api-key.format.ts';

/** Who a valid key speaks for. */
export interface ApiKeyIdentity {
  readonly id: string;
  readonly org: string;
  readonly scopes: readonly ApiKeyScope[];
}

const FIND_KEY = new PreparedStatement<ApiKeyIdentity & { readonly hash: Buffer }>(
  'find_api_key',
  'SELECT id, org_slug AS org, scopes, hash FROM pipelines.api_keys WHERE prefix = $1 AND revoked_at IS NULL',
);

/** Issues and recognises the keys of organizations. */
@Injectable()
export class ApiKeyStore {
  constructor(@InjectRepository(ApiKeyEntity) private readonly keys: Repository<ApiKeyEntity>) {}

  /** A new key for the organization, which must exist. The returned key can never be shown again. */
  async issue(org: string, scopes: readonly ApiKeyScope[]): Promise<{ id: string; key: string }> {
    const { key, prefix, hash } = generateApiKey();
    const id = randomUUIDv7();
    await this.keys.insert({ id, orgSlug: org, prefix, hash, scopes: [...new Set(scopes)] });
    return { id, key };
  }

  /** The identity behind a key, or undefined when it is unknown or revoked. */
  async recognise(key: string): Promise<ApiKeyIdentity | undefined> {
    const prefix = prefixOfApiKey(key);
    if (prefix === undefined) return undefined;
    const { rows } = await FIND_KEY.run(this.keys.manager.dataSource, [prefix]);
    const [found] = rows;
    if (!found || !timingSafeEqual(found.hash, hashApiKey(key))) return undefined;
    return { id: found.id, org: found.org, scopes: found.scopes };
  }
}
