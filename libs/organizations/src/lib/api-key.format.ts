import { createHash, randomBytes } from 'node:crypto';

/** A fresh key and what is stored of it. */
export interface GeneratedApiKey {
  /** `pk_<8 hex>_<43 characters>`: shown once, never stored. */
  readonly key: string;
  readonly prefix: string;
  readonly hash: Buffer;
}

const SHAPE = /^pk_([0-9a-f]{8})_[A-Za-z0-9_-]{43}$/;

/** A key with 256 random bits; so many that a plain SHA-256 of it needs no salt. */
export function generateApiKey(): GeneratedApiKey {
  const prefix = randomBytes(4).toString('hex');
  const key = `pk_${prefix}_${randomBytes(32).toString('base64url')}`;
  return { key, prefix, hash: hashApiKey(key) };
}

/** The lookup prefix of a key, or undefined when the text cannot be one of our keys. */
export function prefixOfApiKey(key: string): string | undefined {
  return SHAPE.exec(key)?.[1];
}

/** SHA-256 of the key. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
