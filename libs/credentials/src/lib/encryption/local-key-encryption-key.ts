import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { IV_BYTES, KEY_BYTES, open, seal, TAG_BYTES } from './envelope.ts';
import { KeyEncryptionKey } from './key-encryption-key.ts';

/** A key-encryption key held in this process's memory. Wrapped keys are laid out as IV, ciphertext, tag. */
export class LocalKeyEncryptionKey extends KeyEncryptionKey {
  readonly uri: string;
  readonly #key: KeyObject;

  /** @throws Error when the key has not 32 bytes. */
  constructor(key: Buffer) {
    super();
    if (key.length !== KEY_BYTES) {
      throw new Error(`The key-encryption key has ${key.length} bytes; it must have ${KEY_BYTES}.`);
    }
    this.#key = createSecretKey(key);
    this.uri = `local:${createHmac('sha256', key).update('id').digest('hex').slice(0, 8)}`;
  }

  async wrap(dataKey: Buffer, additionalData: Buffer): Promise<Buffer> {
    const { iv, ciphertext, tag } = seal(dataKey, this.#key, additionalData);
    return Buffer.concat([iv, ciphertext, tag]);
  }

  async unwrap(wrappedKey: Buffer, additionalData: Buffer): Promise<Buffer> {
    const iv = wrappedKey.subarray(0, IV_BYTES);
    const ciphertext = wrappedKey.subarray(IV_BYTES, -TAG_BYTES);
    const tag = wrappedKey.subarray(-TAG_BYTES);
    return open({ iv, ciphertext, tag }, this.#key, additionalData);
  }
}
