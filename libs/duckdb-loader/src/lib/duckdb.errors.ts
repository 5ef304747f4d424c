import { isNativeError } from 'node:util/types';
import { isDecimalText, PipelineError } from '@pipelines/pipeline';

const IN_USE = /could not set lock|conflicting lock|unique file handle conflict/i;
const TRANSIENT = /^TransactionContext Error|write-write conflict|no space left|disk quota/i;
const KIND = /^([A-Z][A-Za-z]*(?: [A-Za-z]+)* Error):/;
const DETAIL_CHARACTERS = 300;

/** This process has used a file for long enough, and other processes come first. */
export class TurnOverError extends Error {
  constructor() {
    super('IO Error: the file is about to be detached for others.');
  }
}

/**
 * Whether opening failed because somebody else holds the file or is to have it: another process, or a transaction of this
 * one that has seen the file attached, which keeps it open after it was detached.
 */
export function isInUse(error: unknown): boolean {
  return error instanceof TurnOverError || (isNativeError(error) && IN_USE.test(error.message));
}

/** Whether a number has outgrown its type. */
export function isOutOfRange(error: unknown): boolean {
  return isNativeError(error) && error.message.startsWith('Out of Range Error:');
}

const MISSING = /^Catalog Error: Table with name .* does not exist/;

/**
 * The answer, or undefined when a table that it needs does not exist. DuckDB's own lists of tables tell it only by going
 * through all.
 */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNativeError(error) && MISSING.test(error.message)) return undefined;
    throw error;
  }
}

const NULL_IN_COLUMN = /^Constraint Error: NOT NULL constraint failed: .*\.([^.]+)$/m;

/** The column that needs a value, when the failure is that a row has none. */
export function columnWithoutValue(error: unknown): string | undefined {
  return isNativeError(error) ? NULL_IN_COLUMN.exec(error.message)?.[1] : undefined;
}

/** Whether a value does not have the form of the type that it is cast to, or is larger than that holds. */
export function isMisfit(error: unknown): boolean {
  return isNativeError(error) && /^(Conversion|Out of Range) Error:/.test(error.message);
}

const VALUE = /(?:string ["']|value "?)([^"' ]+)/;

/** The number that was larger than the type that it was cast to, when the failure is that and names it. */
export function misfitNumber(error: unknown): string | undefined {
  const value = isMisfit(error) ? VALUE.exec((error as Error).message)?.[1] : undefined;
  return value !== undefined && isDecimalText(value) ? value : undefined;
}

/** DuckDB's message, for the operator. */
export function detailOf(error: unknown): string {
  return String((error as Error).message)
    .split('\n', 1)[0]!
    .slice(0, DETAIL_CHARACTERS);
}

const DOES_NOT_FIT_TABLES = 'It names a table or column that is missing, or has another type.';

/** What DuckDB's kinds of errors are, and what to do about them. */
const IN_WORDS: Readonly<Record<string, string>> = {
  'Constraint Error': 'A row breaks a rule of the table. Look at the constraints that were added to it.',
  'Conversion Error':
    'A value does not have the form of the type that it is cast to. Correct it in the source.',
  'Out of Range Error': 'A number is larger than its type can hold. Correct it in the source.',
  'Invalid Input Error': 'A value is none that it takes. Correct it in the source.',
  'Binder Error': DOES_NOT_FIT_TABLES,
  'Catalog Error': DOES_NOT_FIT_TABLES,
  'Parser Error': 'It is not written in the SQL of DuckDB.',
  'Out of Memory Error': 'It needs more memory than it may use. Load fewer days at once.',
  'IO Error': 'A file cannot be read or written. Look at its permissions, and at the space on its disk.',
};
const UNKNOWN = 'The fault is one that the service has no words for.';

/**
 * What a failure of DuckDB is to the product. DuckDB has no error codes in its Node API; the text is all there is,
 * and it begins with the kind of error. The text itself may quote a value, and explains nothing to who does not know the
 * statement, so it goes to the operator alone. An error that is not DuckDB's comes back as it is.
 */
export function toPipelineError(error: unknown): unknown {
  if (!isNativeError(error)) return error;
  const kind = KIND.exec(error.message)?.[1];
  if (kind === undefined) return error;
  const operatorDetail = detailOf(error);
  if (isInUse(error) || TRANSIENT.test(error.message)) {
    return new PipelineError(
      'warehouse_unavailable',
      'The DuckDB warehouse cannot be written at the moment: its file is in use, or its disk is full.',
      { cause: error, operatorDetail },
    );
  }
  return new PipelineError(
    'warehouse_rejected',
    `The DuckDB warehouse refused a statement. ${IN_WORDS[kind] ?? UNKNOWN} The target was not touched; the log has DuckDB's own message.`,
    { cause: error, operatorDetail },
  );
}
