import { inspect } from 'node:util';
import { confidentialTexts } from './confidential-texts.ts';
import { encodedPattern } from './encoded-pattern.ts';
import { REDACTED, redactSecrets } from './redact-secrets.ts';

/**
 * Holds a decrypted secret so that printing, logging or serialising it by accident shows `[redacted]`.
 * The value leaves only through {@link reveal}, which is easy to search for.
 */
export class Secret<T> {
  readonly #value: T;
  /** Texts made of the secret, which travel in its place. */
  readonly #derived = new Set<string>();
  /** Of each text one, since an expression that looks for all of a private key's lines takes long to compile. */
  #patterns?: readonly RegExp[];

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  /** Has {@link redact} find a text made of the secret as well, such as the access token that it was exchanged for. */
  conceal(derived: string): void {
    if (this.#derived.has(derived)) return;
    this.#derived.add(derived);
    this.#patterns = undefined;
  }

  /**
   * Returns the text with `[redacted]` in the place of every confidential text of the secret, whatever its encoding, and
   * of everything else that looks like a credential.
   */
  redact(text: string): string {
    this.#patterns ??= this.patterns();
    const redacted = this.#patterns.reduce((shown, pattern) => shown.replace(pattern, REDACTED), text);
    return redactSecrets(redacted);
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

  private patterns(): readonly RegExp[] {
    const texts = [...confidentialTexts(this.#value), ...confidentialTexts([...this.#derived])];
    // The longest first, because the others may be parts of it.
    return texts.sort((a, b) => b.length - a.length).map((text) => new RegExp(encodedPattern(text), 'gi'));
  }
}
