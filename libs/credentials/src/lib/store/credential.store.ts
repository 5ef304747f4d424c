import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { PipelineError, ProviderRegistry, Secret } from '@pipelines/pipeline';
import { plainToInstance } from 'class-transformer';
import type { Repository } from 'typeorm';
import { CredentialCipher } from '../encryption/credential-cipher.ts';
import { CredentialEntity } from './credential.entity.ts';
import { replaceCredential } from './replace-credential.ts';
import { readSecret } from './secret-shape.ts';

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
   * @throws PipelineError `provider_not_found`, or `credential_malformed` naming every wrong field but no value.
   */
  async put(org: string, provider: string, secret: unknown, name = 'default'): Promise<number> {
    const shaped = readSecret(this.providers.get(provider).secret, provider, secret);
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
   * The stored secret, an instance of its provider's class.
   * @throws PipelineError `provider_not_found`, `credential_missing` or `credential_undecryptable`.
   */
  async open(org: string, provider: string, name = 'default'): Promise<Secret<object>> {
    const { secret: type } = this.providers.get(provider);
    const stored = await this.credentials.findOneBy({ org, provider, name });
    if (!stored) {
      throw new PipelineError(
        'credential_missing',
        `No credential "${name}" of ${provider} is stored for ${org}. Store one: ` +
          `PUT /api/v1/credentials/${org}/${provider} with {"secret": {…}}.`,
      );
    }
    const plaintext = await this.decrypt(stored);
    try {
      return new Secret(plainToInstance(type, JSON.parse(plaintext.toString()) as object));
    } finally {
      plaintext.fill(0);
    }
  }

  private async decrypt(stored: CredentialEntity): Promise<Buffer> {
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
