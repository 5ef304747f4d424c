/** Stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Shapes of credentials that providers and libraries are known to echo in messages. */
const SECRET_PATTERNS: readonly RegExp[] = [
  /sk-(admin|proj|svcacct|ant)[A-Za-z0-9_*-]*/g,
  /sk-[A-Za-z0-9_*-]{20,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /ya29\.[A-Za-z0-9._-]+/g,
  /AIza[0-9A-Za-z_-]{35}/g,
  /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g,
  /AKIA[0-9A-Z]{16}/g,
  /pk_[a-z0-9]{8}_[A-Za-z0-9_-]+/g,
];

/** The text with everything that looks like a credential replaced by `[redacted]`. */
export function redactSecrets(text: string): string {
  return SECRET_PATTERNS.reduce((redacted, pattern) => redacted.replace(pattern, REDACTED), text);
}
