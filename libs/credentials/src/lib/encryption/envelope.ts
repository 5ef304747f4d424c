import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

/** Bytes of a data key and of the key-encryption key: AES-256. */
export const KEY_BYTES = 32;

/** Bytes of the initialization vector; NIST SP 800-38D recommends 96 bits for GCM. */
export const IV_BYTES = 12;

/** Bytes of the authentication tag. Always stated, for Node accepts shorter tags when it is not. */
export const TAG_BYTES = 16;

const ALGORITHM = 'aes-256-gcm';

/** What {@link seal} makes of a plaintext. */
export interface SealedEnvelope {
  readonly ciphertext: Buffer;
  readonly iv: Buffer;
  readonly tag: Buffer;
}

/**
 * Encrypts under a fresh random IV; the additional data is authenticated and not stored.
 * @param key Not its bytes, which Node takes five times as long to make use of.
 */
export function seal(plaintext: Buffer, key: KeyObject, additionalData: Buffer): SealedEnvelope {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(additionalData);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { ciphertext, iv, tag: cipher.getAuthTag() };
}

/** @throws Error when the key or the additional data is another one, or when anything was altered. */
export function open(
  { ciphertext, iv, tag }: SealedEnvelope,
  key: KeyObject,
  additionalData: Buffer,
): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(additionalData)
    .setAuthTag(tag);
  const unverified = decipher.update(ciphertext);
  try {
    return Buffer.concat([unverified, decipher.final()]);
  } finally {
    unverified.fill(0);
  }
}
