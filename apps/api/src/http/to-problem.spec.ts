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
});
