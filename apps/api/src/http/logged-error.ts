import { PipelineError, redactSecrets } from '@pipelines/pipeline';

/** What the log keeps of an error. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  /** What an error of ours says to the operator: the other side's own message and job. */
  readonly detail?: string;
  readonly cause?: LoggedError;
}

/** Deeper causes tell nothing more, and a chain of causes may bite its own tail. */
const MAX_CAUSES = 8;

/**
 * An error as the log shows it: these fields and nothing else, because libraries hang payloads on errors (TypeORM the
 * statement and its bind values, which are hashes and ciphertext here). What looks like a credential is redacted.
 */
export function loggedError(error: unknown, causes = MAX_CAUSES): LoggedError {
  if (!(error instanceof Error)) return loggedValue(error);
  const { message, stack, cause, code }: Error & { code?: unknown } = error;
  const detail = error instanceof PipelineError ? error.operatorDetail : undefined;
  return {
    type: error.constructor.name,
    message: redactSecrets(message),
    stack: stack && redactSecrets(stack),
    code: typeof code === 'string' ? code : undefined,
    detail: detail && redactSecrets(detail),
    cause: cause === undefined || causes === 0 ? undefined : loggedError(cause, causes - 1),
  };
}

/** The error of an API is often an object and no `Error`, such as the `errorResult` of a job. */
function loggedValue(value: unknown): LoggedError {
  if (typeof value !== 'object' || value === null) {
    return { type: typeof value, message: redactSecrets(String(value)) };
  }
  const { message, reason }: { message?: unknown; reason?: unknown } = value;
  return {
    type: 'Object',
    message: typeof message === 'string' ? redactSecrets(message) : 'It has no message.',
    ...(typeof reason === 'string' && { code: reason }),
  };
}
