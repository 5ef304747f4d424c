import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '@pipelines/pipeline';
import { hasStatus, KNOWN_REASONS, toPipelineError } from './bigquery.errors.ts';

const failed = (reason: string, message = 'no') => ({ reason, message });
const answered = (code: number | string, reason?: string, message = 'no') => ({
  code,
  message,
  errors: reason === undefined ? [] : [{ reason, message }],
});

describe('toPipelineError', () => {
  it.each([
    failed('backendError'),
    failed('internalError'),
    failed('jobBackendError'),
    failed('jobInternalError'),
    failed('jobRateLimitExceeded'),
    failed('tableUnavailable'),
    failed('resourceInUse'),
    answered(403, 'rateLimitExceeded'),
    answered(403, 'userRateLimitExceeded'),
    answered(403, 'quotaExceeded', 'Quota exceeded: Your project exceeded quota for concurrent queries.'),
    answered(403, 'quotaExceeded', 'Quota exceeded: too many requests per 100 seconds'),
    answered(408),
    answered(412, 'conditionNotMet'),
    answered(429),
    answered(502),
    answered('ECONNRESET'),
    failed('invalidQuery', 'Could not serialize access to table t due to concurrent update'),
    failed(
      'invalidQuery',
      'UPDATE or DELETE statement over table t would affect rows in the streaming buffer',
    ),
    failed(
      'resourcesExceeded',
      'Resources exceeded during query execution: Too many DML statements outstanding against table p:d.t, limit is 20.',
    ),
    failed('resourcesExceeded', 'Resources exceeded: too many concurrent queries for this reservation'),
    failed(
      'jobRateLimitExceeded',
      'Job exceeded rate limits: Your table exceeded quota for table update operations.',
    ),
    answered(
      403,
      'rateLimitExceeded',
      'Exceeded rate limits: too many table update operations for this table.',
    ),
    answered(
      403,
      'rateLimitExceeded',
      'Exceeded rate limits: too many concurrent queries for this project_and_region',
    ),
    answered(
      403,
      'quotaExceeded',
      'Quota exceeded: Your table exceeded quota for DML statements per 10 seconds',
    ),
    answered(
      403,
      'quotaExceeded',
      'Quota exceeded: Your table exceeded quota for total number of dml jobs writing to a table, pending + running',
    ),
    answered(
      400,
      'invalidQuery',
      'Exceeded rate limits: too many table update operations for this table. at [3:1]',
    ),
    failed(
      'invalidQuery',
      'Transaction is aborted due to concurrent update against table p:d.t. Transaction ID: x',
    ),
    failed('badRequest', 'UPDATE or DELETE statement over table t would affect rows in the streaming buffer'),
    failed('invalid', 'Error encountered during execution. Retrying may solve the problem.'),
    failed('timeout', 'Error encountered during execution. Retrying may solve the problem.'),
    failed(
      'stopped',
      'The job encountered an error during execution. Retrying the job may solve the problem.',
    ),
  ])('is transient for %j', (failure) => {
    expect(toPipelineError(failure)).toMatchObject({
      code: 'warehouse_unavailable',
      transient: true,
      cause: failure,
    });
  });

  it.each([
    failed('invalid'),
    failed('invalidQuery', 'Syntax error'),
    failed('stopped'),
    failed('resourcesExceeded'),
    failed(
      'resourcesExceeded',
      'Resources exceeded during query execution: The query could not be executed in the allotted memory.',
    ),
    failed('timeout', 'Operation timed out after 6.0 hours. Consider reducing the amount of work performed.'),
    answered(404, 'notFound', 'Not found: Dataset p:d was not found in location EU'),
    failed('billingTierLimitExceeded'),
    failed('timeout'),
    failed('duplicate'),
    failed('badRequest'),
    failed('invalidUser'),
    answered(403, 'blocked'),
    answered(501, 'notImplemented'),
    failed('bytesBilledLimitExceeded'),
    answered(403, 'accessDenied'),
    answered(403, 'billingNotEnabled'),
    answered(403, 'responseTooLarge'),
    answered(404, 'notFound'),
    answered(409, 'duplicate'),
    answered(400, 'a reason of tomorrow'),
  ])('is terminal for %j', (failure) => {
    expect(toPipelineError(failure)).toMatchObject({ code: 'warehouse_rejected', transient: false });
  });

  it('keeps the reason as a fact and the message, cut, for the operator', () => {
    expect(toPipelineError(failed('invalidQuery', 'x'.repeat(1000)), 'job-1')).toMatchObject({
      message: 'BigQuery refused the load (invalidQuery). The log has its message.',
      operatorDetail: `job job-1: ${'x'.repeat(489)}`,
      facts: { warehouse_reason: 'invalidQuery', job_id: 'job-1' },
    });
  });

  it('says where to look for what is missing, and in which location', () => {
    const message = 'Not found: Dataset p:d was not found in location EU';

    expect(toPipelineError(answered(404, 'notFound', message))).toMatchObject({
      message: expect.stringContaining('location'),
    });
    expect(toPipelineError(answered(404, 'notFound', 'Not found: Table p:d.t'))).toMatchObject({
      message: expect.not.stringContaining('location'),
    });
  });

  it('promises no other try, which only the run knows of', () => {
    const reasons = [...KNOWN_REASONS, 'a reason of tomorrow'].flatMap((reason) => [
      failed(reason),
      failed(reason, 'Too many DML statements outstanding'),
    ]);
    const messages = [...reasons, answered(401), answered(429), answered(503), answered('ECONNRESET')]
      .map((failure) => toPipelineError(failure) as PipelineError)
      .map(({ message }) => message);

    expect(messages.filter((message) => /again|retr/i.test(message))).toEqual([]);
  });

  it('redacts what looks like a secret before it cuts the message', () => {
    const message = `token ya29.${'x'.repeat(600)} was refused`;

    expect(toPipelineError(failed('invalid', message))).toMatchObject({
      operatorDetail: 'token [redacted] was refused',
    });
  });

  it.each([
    answered(401),
    answered(401, 'authError'),
    answered(401, 'required'),
    answered(400, undefined, 'invalid_grant: Invalid JWT Signature.'),
  ])('blames the credentials for %j', (failure) => {
    expect(toPipelineError(failure)).toMatchObject({ code: 'credential_rejected', transient: false });
  });

  it('keeps what Google says of missing default credentials, which a metadata server may also have for a moment', () => {
    expect(
      toPipelineError(new Error('Could not load the default credentials. Browse to https://…')),
    ).toMatchObject({
      code: 'warehouse_unavailable',
      message: expect.stringContaining('Application Default Credentials'),
    });
  });

  it.each([
    answered(
      403,
      'quotaExceeded',
      'Quota exceeded: Your table exceeded quota for imports or query appends per table',
    ),
    failed(
      'quotaExceeded',
      'Quota exceeded: Number of partition modifications to a column partitioned table',
    ),
    failed(
      'quotaExceeded',
      'Custom quota exceeded: Your usage exceeded the custom quota for QueryUsagePerDay',
    ),
    failed('quotaExceeded'),
    answered(403, 'dailyLimitExceeded'),
    answered(403, 'rateLimitExceeded', 'Exceeded rate limits: too many imports for this table per day'),
    answered(
      403,
      'quotaExceeded',
      'Quota exceeded: Your project exceeded quota for free query bytes scanned.',
    ),
  ])('waits an hour for %j', (failure: { reason?: string; errors?: { reason: string }[] }) => {
    expect(toPipelineError(failure)).toMatchObject({
      code: 'warehouse_quota_exceeded',
      transient: true,
      retryAfterMs: 3_600_000,
      facts: { warehouse_reason: failure.reason ?? failure.errors?.[0]?.reason },
    });
  });

  it.each([new PipelineError('cancelled', 'Cancelled.'), new TypeError('x is not a function'), 'text'])(
    'leaves %p alone',
    (error) => {
      expect(toPipelineError(error)).toBe(error);
    },
  );
});

describe('hasStatus', () => {
  it('reads the HTTP status of an answer', () => {
    expect(hasStatus(answered(404, 'notFound'), 404)).toBe(true);
    expect(hasStatus(answered(403, 'accessDenied'), 404)).toBe(false);
    expect(hasStatus(new TypeError('no status'), 404)).toBe(false);
  });
});
