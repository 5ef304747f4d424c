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
  const nameless = /could not look up effective user ID \d+/.exec(message);
  if (nameless) {
    return new Error(
      `PostgreSQL refuses to run as a user without a name (initdb: ${nameless[0]}). ` +
        'Name the user in /etc/passwd, start as another one, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
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
