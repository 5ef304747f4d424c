import { redactSecrets } from '@pipelines/pipeline';

/** What the log keeps of an error. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: LoggedError;
}

/** Deeper causes tell nothing more, and a chain of causes may bite its own tail. */
const MAX_CAUSES = 8;

/**
 * An error as the log shows it: these fields and nothing else, because libraries hang payloads on errors (TypeORM the
 * statement and its bind values, which are hashes and ciphertext here). What looks like a credential is redacted.
 */
export function loggedError(error: unknown, causes = MAX_CAUSES): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: redactSecrets(String(error)) };
  const { message, stack, cause, code }: Error & { code?: unknown } = error;
  return {
    type: error.constructor.name,
    message: redactSecrets(message),
    stack: stack && redactSecrets(stack),
    code: typeof code === 'string' ? code : undefined,
    cause: cause === undefined || causes === 0 ? undefined : loggedError(cause, causes - 1),
  };
}
