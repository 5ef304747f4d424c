import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { PreparedStatement } from '@pipelines/database';
import { PipelineError, ProviderRegistry, Secret } from '@pipelines/pipeline';
import { plainToInstance } from 'class-transformer';
import type { Repository } from 'typeorm';
import {
  CredentialCipher,
  type CredentialIdentity,
  type SealedCredential,
} from '../encryption/credential-cipher.ts';
import { CredentialEntity } from './credential.entity.ts';
import { replaceCredential } from './replace-credential.ts';
import { readSecret } from './secret-shape.ts';

/** A secret and how often it has been replaced, for whoever keeps what was made of it. */
export interface VersionedSecret {
  readonly secret: Secret<object>;
  /** 1 for the first, one more for each that replaces it; 0 of a provider that takes none. */
  readonly version: number;
}

type StoredCredential = CredentialIdentity & SealedCredential;

const FIND = new PreparedStatement<StoredCredential>(
  'find_credential',
  `SELECT org_slug AS org, provider, name, version, ciphertext, iv, tag, wrapped_key AS "wrappedKey", kek_uri AS "kekUri"
   FROM pipelines.credentials WHERE org_slug = $1 AND provider = $2 AND name = $3`,
);

/** The credentials of every organization. Secrets are encrypted here, and nothing else sees how. */
@Injectable()
export class CredentialStore {
  constructor(
    @InjectRepository(CredentialEntity) private readonly credentials: Repository<CredentialEntity>,
    private readonly cipher: CredentialCipher,
    private readonly providers: ProviderRegistry,
  ) {}

  /**
   * Stores a secret in the place of the one before, and returns its version, 1 for the first.
   * @throws PipelineError `provider_not_found`, or `credential_malformed` naming every wrong field but no value; also for
   * a provider that takes none.
   */
  async put(org: string, provider: string, secret: unknown, name = 'default'): Promise<number> {
    const { secret: type } = this.providers.get(provider);
    if (!type) {
      throw new PipelineError(
        'credential_malformed',
        `${provider} takes no credential: its pipelines read nothing but the warehouse. Run them without one.`,
      );
    }
    const shaped = readSecret(type, provider, secret);
    const plaintext = Buffer.from(JSON.stringify(shaped));
    try {
      // Each further round means that another call stored the version this one meant to store.
      for (;;) {
        const before = await this.credentials.findOneBy({ org, provider, name });
        const identity = { org, provider, name, version: (before?.version ?? 0) + 1 };
        const sealed = await this.cipher.encrypt(plaintext, identity);
        if (await replaceCredential(this.credentials, identity, sealed)) return identity.version;
      }
    } finally {
      plaintext.fill(0);
    }
  }

  /**
   * The stored secret, an instance of its provider's class; an empty one of a provider that takes none.
   * @throws PipelineError `provider_not_found`, `credential_missing` or `credential_undecryptable`.
   */
  async open(org: string, provider: string, name = 'default'): Promise<Secret<object>> {
    return (await this.openVersion(org, provider, name)).secret;
  }

  /** Whether pipelines of the provider are given a credential. */
  isNeededFor(provider: string): boolean {
    return this.providers.get(provider).secret !== undefined;
  }

  /** As {@link open}, with the version that was found. */
  async openVersion(org: string, provider: string, name: string): Promise<VersionedSecret> {
    const { secret: type } = this.providers.get(provider);
    if (!type) return { secret: new Secret({}), version: 0 };
    const { rows } = await FIND.run(this.credentials.manager.dataSource, [org, provider, name]);
    const [stored] = rows;
    if (!stored) {
      const named = name === 'default' ? '' : `"name": "${name}", `;
      throw new PipelineError(
        'credential_missing',
        `No credential "${name}" of ${provider} is stored for ${org}. Store one: ` +
          `PUT /api/v1/credentials/${org}/${provider} with {${named}"secret": {…}}.`,
      );
    }
    const plaintext = await this.decrypt(stored);
    try {
      const secret = plainToInstance(type, JSON.parse(plaintext.toString()) as object);
      return { secret: new Secret(secret), version: stored.version };
    } finally {
      plaintext.fill(0);
    }
  }

  private async decrypt(stored: StoredCredential): Promise<Buffer> {
    try {
      return await this.cipher.decrypt(stored, stored);
    } catch (cause) {
      const { org, provider, name, version, kekUri } = stored;
      throw new PipelineError(
        'credential_undecryptable',
        `The stored credential "${name}" of ${provider} for ${org} does not decrypt. Store it again, or give the ` +
          'service the key-encryption key it was stored under.',
        { cause, operatorDetail: `version ${version}, wrapped by ${kekUri}` },
      );
    }
  }
}
