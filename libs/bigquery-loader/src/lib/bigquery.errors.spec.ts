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
    answered(403, 'quotaExceeded'),
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
    failed('bytesBilledLimitExceeded'),
    answered(403, 'accessDenied'),
    answered(403, 'billingNotEnabled'),
    answered(403, 'responseTooLarge'),
    answered(404, 'notFound'),
    answered(409, 'duplicate'),
    answered(401),
    answered(400, undefined, 'invalid_grant'),
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

  it('waits a quarter of an hour for a quota', () => {
    expect(toPipelineError(answered(403, 'quotaExceeded'))).toMatchObject({ retryAfterMs: 900_000 });
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
