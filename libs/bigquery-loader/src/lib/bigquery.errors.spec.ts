import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '@pipelines/pipeline';
import { hasStatus, toPipelineError } from './bigquery.errors.ts';

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
  ])('waits an hour for %j', (failure) => {
    expect(toPipelineError(failure)).toMatchObject({
      code: 'warehouse_quota_exceeded',
      transient: true,
      retryAfterMs: 3_600_000,
      facts: { warehouse_reason: 'quotaExceeded' },
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
