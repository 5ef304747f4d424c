/** Who has to act on an error; it also decides whether a failed run gives its quota unit back. */
export type Fault = 'caller' | 'operator' | 'credential' | 'provider' | 'internal';

interface ErrorDefinition {
  /** A transient error may go away by itself and is retried; any other ends the run. */
  readonly transient: boolean;
  readonly fault: Fault;
  /** One sentence for docs/errors.md. */
  readonly summary: string;
}

const terminal = (fault: Fault, summary: string) => ({ transient: false, fault, summary }) as const;
const transient = (fault: Fault, summary: string) => ({ transient: true, fault, summary }) as const;

/** Every code that a response or a failed run can carry. A code is stable once released. */
export const ERROR_CATALOG = {
  invalid_json: terminal('caller', 'The request body is not a JSON object.'),
  validation_failed: terminal('caller', 'A field of the request is missing, unknown or of the wrong shape.'),
  invalid_path_segment: terminal('caller', 'A segment of the path is not a legal name.'),
  payload_too_large: terminal('caller', 'The request body exceeds the size limit.'),
  invalid_date: terminal('caller', 'A date is not a calendar day written YYYY-MM-DD.'),
  date_in_future: terminal('caller', 'The window reaches past the current UTC day.'),
  window_reversed: terminal('caller', 'The end of the window is not after its start.'),
  window_too_long: terminal('caller', 'The window covers more days than one run may load.'),
  idempotency_key_reused: terminal('caller', 'The Idempotency-Key was sent with another request before.'),
  run_ended: terminal('caller', 'The run has ended already and cannot be cancelled.'),
  run_not_ended: terminal('caller', 'The run has not ended and cannot be run again yet.'),
  invalid_cursor: terminal('caller', 'The history cursor was not issued by this service.'),
  api_key_missing: terminal('caller', 'The request carries no API key.'),
  api_key_invalid: terminal('caller', 'The API key is unknown or revoked.'),
  scope_missing: terminal('caller', 'The API key lacks the scope that the operation needs.'),
  root_key_required: terminal('caller', 'The operation is administration and needs the root key.'),
  route_not_found: terminal('caller', 'No such endpoint.'),
  organization_not_found: terminal(
    'caller',
    'The organization is unknown, or the key belongs to another one.',
  ),
  pipeline_not_found: terminal('caller', 'No configuration file declares this pipeline.'),
  schedule_not_declared: terminal('caller', 'The pipeline does not declare when it runs.'),
  backfill_not_found: terminal('caller', 'The organization has no backfill of this id.'),
  runs_failed: terminal('caller', 'Runs of the backfill failed; their own errors tell why.'),
  run_not_found: terminal('caller', 'The organization has no run of this id.'),
  provider_not_found: terminal('caller', 'No installed provider has this name.'),
  credential_malformed: terminal('caller', "The secret does not have the provider's shape."),
  subscription_inactive: terminal(
    'caller',
    'The subscription is neither ACTIVE nor TRIAL, or the trial ended.',
  ),
  quota_exceeded: terminal('caller', 'A daily, monthly or concurrent limit of the plan is reached.'),
  plan_managed_by_supabase: terminal('caller', 'The plan lives in Supabase and is changed there.'),
  pipeline_invalid: terminal(
    'operator',
    "The pipeline's configuration file has problems; the catalog lists them.",
  ),
  configuration_invalid: terminal('operator', 'The resolved configuration of the run is not valid.'),
  plan_unavailable: transient('operator', "The organization's plan cannot be read from Supabase."),
  database_unavailable: transient('operator', 'The database does not answer.'),
  admission_contended: transient(
    'operator',
    'The last of the quota changed hands faster than the run could be decided on.',
  ),
  credential_missing: terminal('credential', 'No credential of the provider is stored for the organization.'),
  credential_undecryptable: terminal(
    'operator',
    'The stored credential does not decrypt with the current key.',
  ),
  credential_rejected: terminal('credential', 'The provider refused the credential.'),
  provider_unreachable: transient('provider', 'The provider could not be reached or broke the connection.'),
  provider_timed_out: transient('provider', 'The provider did not answer in time.'),
  provider_rate_limited: transient('provider', 'The provider asked to slow down, and went on doing so.'),
  provider_unavailable: transient('provider', 'The provider answered with a server error.'),
  provider_rejected_request: terminal('provider', 'The provider refused the request as invalid.'),
  provider_response_invalid: terminal(
    'provider',
    "The provider's answer does not have the documented shape.",
  ),
  provider_response_too_large: terminal('provider', "The provider's answer exceeds the size cap."),
  duplicate_rows: terminal(
    'provider',
    'Rows share what tells every row of the table from the others, and would be counted twice.',
  ),
  schema_mismatch: terminal('operator', 'Rows or the target table do not have the declared schema.'),
  source_not_found: terminal(
    'credential',
    'A table that the pipeline reads does not exist, or lacks what every table of its kind has.',
  ),
  incomplete_rows: terminal(
    'credential',
    'Rows of a table that the pipeline reads hold money, but lack a day, a currency or whatever else a row needs.',
  ),
  source_location_mismatch: terminal(
    'operator',
    'A table that the pipeline reads lies in another location than the organization loads into.',
  ),
  sources_changed: transient('operator', 'The tables that the pipeline reads changed while it read them.'),
  receipt_mismatch: terminal(
    'internal',
    'Rows or sums differ between what was extracted, staged and committed; the target was not touched.',
  ),
  warehouse_rejected: terminal('operator', 'The warehouse refused a statement or a load.'),
  warehouse_unavailable: transient('operator', 'The warehouse does not answer.'),
  warehouse_quota_exceeded: transient('operator', 'A quota of the warehouse is used up for hours.'),
  cancelled: terminal('caller', 'The run was cancelled.'),
  timed_out: terminal('provider', "The run exceeded the pipeline's timeout."),
  worker_lost: terminal('internal', 'The worker died and every take-over was used up.'),
  shutting_down: transient('operator', 'The process is stopping and starts nothing more.'),
  internal_error: terminal('internal', 'An unexpected fault of this service; the log has the details.'),
} as const satisfies Record<string, ErrorDefinition>;

/** A stable, machine-readable error code. */
export type ErrorCode = keyof typeof ERROR_CATALOG;
