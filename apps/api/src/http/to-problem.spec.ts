import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '@pipelines/pipeline';
import { PROBLEM_STATUS } from './problem-status.ts';
import { toProblem } from './to-problem.ts';

describe('toProblem', () => {
  it('leaves an error that an answer can carry as it is', () => {
    const thrown = new PipelineError('run_not_found', 'No such run.');

    expect(toProblem(thrown, 'GET', '/')).toBe(thrown);
  });

  it.each([
    ['a fault', new Error('column "x" does not exist')],
    ['an error that only a run carries', new PipelineError('receipt_mismatch', '3 rows are not 4.')],
    ['what is no error', 'boom'],
  ])('answers %s as an internal error and keeps it as the cause', (_name, thrown) => {
    const problem = toProblem(thrown, 'GET', '/');

    expect(problem).toMatchObject({ code: 'internal_error', cause: thrown });
    expect(problem.message).toBe('An unexpected fault of the service. Its log has the details.');
    expect(PROBLEM_STATUS[problem.code]).toBe(500);
  });

  it.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432'],
    ['ECONNRESET', 'read ECONNRESET'],
    ['EPIPE', 'write EPIPE'],
    ['ETIMEDOUT', 'connect ETIMEDOUT'],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND db'],
    ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN db'],
    ['EHOSTUNREACH', 'connect EHOSTUNREACH'],
    ['ENETUNREACH', 'connect ENETUNREACH'],
    ['08006', 'connection failure'],
    ['53300', 'sorry, too many clients already'],
    ['53100', 'could not extend file'],
    ['57P01', 'terminating connection due to administrator command'],
    ['25006', 'cannot execute INSERT in a read-only transaction'],
    [undefined, 'Connection terminated unexpectedly'],
    [undefined, 'timeout exceeded when trying to connect'],
    [undefined, 'Query read timeout'],
    [undefined, 'Client has encountered a connection error and is not queryable'],
  ])('answers %s "%s" as a database that is away for a moment', (code, message) => {
    const cause = Object.assign(new Error(message), code === undefined ? {} : { code });

    expect(toProblem(cause, 'GET', '/')).toMatchObject({
      code: 'database_unavailable',
      retryAfterMs: 2_000,
      cause,
    });
  });

  it.each(['57014', '08', '530000', '23505', '25001', 'ENOENT'])('takes %s for a fault of ours', (code) => {
    expect(toProblem(Object.assign(new Error('failed'), { code }), 'GET', '/').code).toBe('internal_error');
  });

  it.each([
    ['GET', /^The database does not answer\. Try again\.$/],
    ['POST', /whether the request took effect is unknown.*history/],
    ['PUT', /whether the request took effect is unknown.*history/],
  ])('promises for %s no more than is known', (method, message) => {
    const lost = new Error('Connection terminated unexpectedly');

    expect(toProblem(lost, method, '/').message).toMatch(message);
  });
});
