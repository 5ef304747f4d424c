import { PipelineError, type ErrorCode } from '@pipelines/pipeline';

/** What the API says of a failure, in a response or as the `errorResult` of a job. */
export interface BigQueryFailure {
  readonly code?: number | string;
  readonly message?: string;
  readonly reason?: string;
  readonly errors?: readonly { readonly reason?: string; readonly message?: string }[];
}

interface Classification {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryAfterMs?: number;
}

const transient = (hint: string, retryAfterMs?: number): Classification => ({
  code: 'warehouse_unavailable',
  hint,
  retryAfterMs,
});
const terminal = (hint: string): Classification => ({ code: 'warehouse_rejected', hint });

const BUSY = transient('It is busy; the load will be tried again.');
const FAULT = transient('It has a fault of its own; the load will be tried again.');
const ACCESS = terminal(
  'The service account needs roles/bigquery.jobUser on the project and roles/bigquery.dataEditor on the dataset.',
);
const INVALID = terminal('The log has its message.');

/** https://cloud.google.com/bigquery/docs/error-messages */
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
  // Some quotas count by the day: a quick retry would only count once more.
  quotaExceeded: transient('A quota of the project is used up.', 15 * 60_000),
  accessDenied: ACCESS,
  required: ACCESS,
  billingNotEnabled: terminal('Enable billing for the project.'),
  notFound: terminal('Something is missing, or lies in another location than BIGQUERY_LOCATION.'),
  bytesBilledLimitExceeded: terminal('The query would bill more than the limit per query allows.'),
  responseTooLarge: terminal('The result is too large.'),
  stopped: terminal('Somebody cancelled the job.'),
};

const CONFLICT = /could not serialize access|concurrent update|transaction is aborted|streaming buffer/i;
const NETWORK_CODE = /^(E[A-Z]+|UND_ERR_\w+)$/;
const DETAIL_CHARACTERS = 500;

/** What a failure of BigQuery is to the product; an error that is not BigQuery's comes back as it is. */
export function toPipelineError(failure: unknown, job?: string): unknown {
  if (failure instanceof PipelineError || !isFailure(failure)) return failure;
  const reason = reasonOf(failure);
  const { code, hint, retryAfterMs } = classify(failure, reason);
  const name = reason ?? failure.code ?? 'no reason given';
  return new PipelineError(
    code,
    code === 'warehouse_unavailable'
      ? `BigQuery is not available (${name}). ${hint}`
      : `BigQuery refused the load (${name}). ${hint}`,
    {
      cause: failure,
      operatorDetail: `${job ? `job ${job}: ` : ''}${failure.message ?? ''}`.slice(0, DETAIL_CHARACTERS),
      facts: { warehouse_reason: String(name), ...(job && { job_id: job }) },
      retryAfterMs,
    },
  );
}

/** Whether the API answered with this HTTP status. */
export function hasStatus(error: unknown, status: number): boolean {
  return isFailure(error) && Number(error.code) === status;
}

function isFailure(error: unknown): error is BigQueryFailure {
  if (typeof error !== 'object' || error === null) return false;
  return 'reason' in error || 'errors' in error || 'code' in error;
}

function reasonOf({ reason, errors = [] }: BigQueryFailure): string | undefined {
  return reason ?? errors[0]?.reason;
}

function classify({ code, message = '' }: BigQueryFailure, reason: string | undefined): Classification {
  if (CONFLICT.test(message)) return BUSY;
  const known = reason === undefined ? undefined : BY_REASON[reason];
  if (known) return known;
  const status = Number(code);
  if (status === 401 || message.includes('invalid_grant')) return ACCESS;
  if (status === 408 || status === 429) return BUSY;
  if (status >= 500 || NETWORK_CODE.test(String(code))) return FAULT;
  return INVALID;
}
