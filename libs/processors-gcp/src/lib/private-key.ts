import { createPrivateKey, type KeyObject } from 'node:crypto';

const MIN_MODULUS_BITS = 2048;

/**
 * The RSA key in a service-account key file. Line breaks that were escaped twice on the way are repaired.
 * @throws Error when the text is no PEM, the key is not RSA, or it is shorter than 2,048 bits.
 */
export function parsePrivateKey(pem: string): KeyObject {
  const key = createPrivateKey(pem.replaceAll('\\n', '\n'));
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_MODULUS_BITS) {
    throw new Error(`Not an RSA key of at least ${MIN_MODULUS_BITS} bits.`);
  }
  return key;
}
