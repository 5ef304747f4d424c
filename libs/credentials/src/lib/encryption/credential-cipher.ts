import { createSecretKey, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KEY_BYTES, open, seal, type SealedEnvelope } from './envelope.ts';
import { KeyEncryptionKey } from './key-encryption-key.ts';

/** Which credential a ciphertext is; authenticated, so that a row copied to another place does not decrypt. */
export interface CredentialIdentity {
  readonly org: string;
  readonly provider: string;
  readonly name: string;
  /** 1 for the first secret, one more for each that replaces it. */
  readonly version: number;
}

/** What is stored of a secret. */
export interface SealedCredential extends SealedEnvelope {
  readonly wrappedKey: Buffer;
  readonly kekUri: string;
}

/** Envelope encryption of credentials: a data key of its own for each version, wrapped by the key-encryption key. */
@Injectable()
export class CredentialCipher {
  constructor(private readonly keyEncryptionKey: KeyEncryptionKey) {}

  /** The plaintext stays the caller's, to be wiped. */
  async encrypt(plaintext: Buffer, identity: CredentialIdentity): Promise<SealedCredential> {
    const additionalData = additionalDataOf(identity);
    const dataKey = randomBytes(KEY_BYTES);
    try {
      const wrappedKey = await this.keyEncryptionKey.wrap(dataKey, additionalData);
      return {
        ...seal(plaintext, createSecretKey(dataKey), additionalData),
        wrappedKey,
        kekUri: this.keyEncryptionKey.uri,
      };
    } finally {
      dataKey.fill(0);
    }
  }

  /**
   * The caller wipes the plaintext after use.
   * @throws Error when the credential was sealed by another key or for another identity, or was altered.
   */
  async decrypt(sealed: SealedCredential, identity: CredentialIdentity): Promise<Buffer> {
    const additionalData = additionalDataOf(identity);
    const dataKey = await this.keyEncryptionKey.unwrap(sealed.wrappedKey, additionalData);
    try {
      return open(sealed, createSecretKey(dataKey), additionalData);
    } finally {
      dataKey.fill(0);
    }
  }
}

/** A JSON array, because plain concatenation would let `a` + `bc` pass for `ab` + `c`. Opens with its format's version. */
const additionalDataOf = ({ org, provider, name, version }: CredentialIdentity) =>
  Buffer.from(JSON.stringify([1, org, provider, name, version]));
