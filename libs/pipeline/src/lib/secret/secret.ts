import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * Holds a decrypted secret so that printing, logging or serialising it by accident shows `[redacted]`.
 * The value leaves only through {@link reveal}, which is easy to search for.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
