/**
 * The key that wraps the data keys of credentials. Both verbs may go over the network, for the key may live in a key
 * management service.
 */
export abstract class KeyEncryptionKey {
  /** Names the key, not its secret; stored beside each data key it wrapped. */
  abstract readonly uri: string;

  /** Encrypts a data key, bound to the additional data. */
  abstract wrap(dataKey: Buffer, additionalData: Buffer): Promise<Buffer>;

  /** @throws Error when the data key was wrapped by another key or for other additional data, or was altered. */
  abstract unwrap(wrappedKey: Buffer, additionalData: Buffer): Promise<Buffer>;
}
