import { PipelineError, redactSecrets, type ErrorCode } from '@pipelines/pipeline';

/** What the API says of a failure, in a response or as the `errorResult` of a job. */
export interface BigQueryFailure {
  readonly code?: number | string;
  readonly message?: string;
  readonly reason?: string;
  readonly errors?: readonly { readonly reason?: string; readonly message?: string }[];
}

/** What the product says of a failure; each code has its own beginning. */
const HEADLINES = {
  warehouse_unavailable: 'BigQuery is not available',
  warehouse_quota_exceeded: 'A quota of BigQuery is used up',
  warehouse_rejected: 'BigQuery refused the load',
  credential_rejected: 'Google refused the credentials for BigQuery',
} as const satisfies Partial<Record<ErrorCode, string>>;

interface Classification {
  readonly code: keyof typeof HEADLINES;
  readonly hint: string;
  readonly retryAfterMs?: number;
}

const transient = (hint: string): Classification => ({ code: 'warehouse_unavailable', hint });
const terminal = (hint: string): Classification => ({ code: 'warehouse_rejected', hint });

const BUSY = transient('It is busy.');
const FAULT = transient('It has a fault of its own.');
/** Most quotas count by the day and are given back little by little: a quick retry would only use them up again. */
const QUOTA: Classification = {
  code: 'warehouse_quota_exceeded',
  hint: 'It is given back over the day; ask Google for a higher one if it does not last.',
  retryAfterMs: 60 * 60_000,
};
const ACCESS = terminal(
  'The service account needs roles/bigquery.jobUser on the project and roles/bigquery.dataEditor on the dataset.',
);
const CREDENTIALS: Classification = {
  code: 'credential_rejected',
  hint: 'The service account or its key may be deleted or disabled.',
};
const NO_CREDENTIALS = transient(
  'The service found no Application Default Credentials. Give it some, or name a credential in target.credentials.',
);
const EXPENSIVE = terminal('The query needs more than one query may use. Load fewer days at once.');
const INVALID = terminal('The log has its message.');
const MISSING = terminal('Something that it reads or writes does not exist. The log has its name.');
const UNFILTERED = terminal(
  'A table behind a view requires a partition filter. Let the view filter by the partition column, or take the requirement away (require_partition_filter).',
);
const ELSEWHERE = terminal(
  "Something is missing, or lies in another location than the organization's datasets.",
);

/** https://cloud.google.com/bigquery/docs/error-messages; a reason that is not here goes by its HTTP status. */
const BY_REASON: Readonly<Record<string, Classification>> = {
  backendError: FAULT,
  internalError: FAULT,
  jobBackendError: FAULT,
  jobInternalError: FAULT,
  tableUnavailable: FAULT,
  rateLimitExceeded: BUSY,
  userRateLimitExceeded: BUSY,
  jobRateLimitExceeded: BUSY,
  resourceInUse: BUSY,
  conditionNotMet: BUSY,
  quotaExceeded: QUOTA,
  dailyLimitExceeded: QUOTA,
  accessDenied: ACCESS,
  authError: CREDENTIALS,
  billingNotEnabled: terminal('Enable billing for the project.'),
  blocked: terminal("Google has blocked the operation for this project; ask Google's support."),
  notFound: MISSING,
  duplicate: terminal('Something of this name exists already.'),
  bytesBilledLimitExceeded: terminal(
    'The query would bill more than BIGQUERY_MAXIMUM_BYTES_BILLED allows. Load fewer days at once, or raise it.',
  ),
  billingTierLimitExceeded: EXPENSIVE,
  resourcesExceeded: EXPENSIVE,
  timeout: EXPENSIVE,
  responseTooLarge: terminal('The result is too large.'),
  stopped: terminal('Somebody cancelled the job, or it ran for longer than an hour.'),
  notImplemented: terminal('The endpoint does not know the operation.'),
};

/** The reasons that are known, which a spec goes through. */
export const KNOWN_REASONS: readonly string[] = Object.keys(BY_REASON);

/**
 * Texts that say more than the reason they come with, which has two meanings: `resourcesExceeded` is too big or too
 * busy, `quotaExceeded` and `rateLimitExceeded` pass in seconds or by the day, `invalidQuery` is wrong or in the way of
 * another transaction. The first that matches decides.
 */
const BY_TEXT: readonly (readonly [text: RegExp, Classification])[] = [
  [/could not serialize access|concurrent update|transaction is aborted|streaming buffer/i, BUSY],
  [/exceeded.*\b(per day|daily)\b/i, QUOTA],
  [/DML statements outstanding|dml jobs writing|too many concurrent|quota for concurrent/i, BUSY],
  [/exceeded.*\bper (second|minute|\d+ (seconds|minutes))|too many table (update|dml \w+) operations/i, BUSY],
  [/retrying( the job)? may solve/i, FAULT],
  [/not found in location/i, ELSEWHERE],
  [/without a filter over column/i, UNFILTERED],
];

const NO_DEFAULT_CREDENTIALS = 'Could not load the default credentials';
const NETWORK_CODE = /^(E[A-Z]+|UND_ERR_\w+)$/;
const DETAIL_CHARACTERS = 500;

/** What a failure of BigQuery is to the product; an error that is not BigQuery's comes back as it is. */
export function toPipelineError(failure: unknown, job?: string): unknown {
  if (failure instanceof PipelineError || !isFailure(failure)) return failure;
  const reason = reasonOf(failure);
  const { code, hint, retryAfterMs } = classify(failure, reason);
  const name = reason ?? failure.code ?? 'no reason given';
  return new PipelineError(code, `${HEADLINES[code]} (${name}). ${hint}`, {
    cause: failure,
    operatorDetail: `${job ? `job ${job}: ` : ''}${redactSecrets(failure.message ?? '')}`.slice(
      0,
      DETAIL_CHARACTERS,
    ),
    facts: { warehouse_reason: String(name), ...(job && { job_id: job }) },
    retryAfterMs,
  });
}

/** Whether the API answered with this HTTP status. */
export function hasStatus(error: unknown, status: number): boolean {
  return isFailure(error) && Number(error.code) === status;
}

function isFailure(error: unknown): error is BigQueryFailure {
  if (typeof error !== 'object' || error === null) return false;
  return 'reason' in error || 'errors' in error || 'code' in error || isWithoutCredentials(error);
}

/** The client has neither a code nor a reason for it. */
function isWithoutCredentials({ message = '' }: BigQueryFailure): boolean {
  return message.startsWith(NO_DEFAULT_CREDENTIALS);
}

function reasonOf({ reason, errors = [] }: BigQueryFailure): string | undefined {
  return reason ?? errors[0]?.reason;
}

function classify(failure: BigQueryFailure, reason: string | undefined): Classification {
  const { code, message = '' } = failure;
  if (isWithoutCredentials(failure)) return NO_CREDENTIALS;
  const told = BY_TEXT.find(([text]) => text.test(message));
  if (told) return told[1];
  const known = reason === undefined ? undefined : BY_REASON[reason];
  if (known) return known;
  const status = Number(code);
  if (status === 401 || message.includes('invalid_grant')) return CREDENTIALS;
  if (status === 408 || status === 429) return BUSY;
  if (status >= 500 || NETWORK_CODE.test(String(code))) return FAULT;
  return INVALID;
}
