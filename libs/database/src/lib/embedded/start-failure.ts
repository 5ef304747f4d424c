/**
 * Turns failures that the operator can mend, and whose own message does not say how, into ones that do. Any other
 * error is returned as it is.
 */
export function explainStartFailure(error: unknown, dataDirectory: string): unknown {
  const { code, message = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || message.includes('No space left on device')) {
    return new Error(`The disk that holds ${dataDirectory} is full. Free some space and start again.`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new Error(
      `The user that runs this process cannot use ${dataDirectory} (${message}). ` +
        'Start as the user of earlier runs, or set DATA_DIR to a directory of your own.',
      { cause: error },
    );
  }
  return error;
}
