import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '@pipelines/pipeline';
import { QueryFailedError } from 'typeorm';
import { loggedError } from './logged-error.ts';

describe('loggedError', () => {
  it('keeps neither the statement nor its bind values', () => {
    const driverError = Object.assign(new Error('duplicate key value'), {
      code: '23505',
      detail: 'Key (hash)=(deadbeef) already exists.',
    });
    const error = new QueryFailedError('INSERT INTO credentials VALUES ($1)', ['ciphertext'], driverError);

    const logged = loggedError(error);

    expect(logged).toEqual({
      type: 'QueryFailedError',
      message: 'duplicate key value',
      stack: expect.stringContaining('logged-error.spec.ts'),
      code: '23505',
    });
    expect(JSON.stringify(logged)).not.toMatch(/INSERT|ciphertext|deadbeef/);
  });

  it('keeps the causes in the same way', () => {
    const root = Object.assign(new RangeError('root'), { code: 'ERR_ROOT', body: 'payload' });
    const error = new Error('outer', { cause: new TypeError('middle', { cause: root }) });

    expect(loggedError(error)).toMatchObject({
      type: 'Error',
      cause: { type: 'TypeError', cause: { type: 'RangeError', message: 'root', code: 'ERR_ROOT' } },
    });
    expect(JSON.stringify(loggedError(error))).not.toContain('payload');
  });

  it('redacts credentials in message and stack', () => {
    const logged = loggedError(new Error('401 for sk-admin-abcdef'));

    expect(logged.message).toBe('401 for [redacted]');
    expect(logged.stack).toContain('401 for [redacted]');
    expect(JSON.stringify(logged)).not.toContain('abcdef');
  });

  it('ends a chain of causes that is a circle', () => {
    const error = new Error('again');
    error.cause = error;

    expect(JSON.stringify(loggedError(error)).match(/"message"/g)).toHaveLength(9);
  });

  it("keeps the operator's detail of an error of ours, redacted, and of its causes", () => {
    const refused = new PipelineError('warehouse_rejected', 'BigQuery refused the load.', {
      operatorDetail: 'job j1: Syntax error near ya29.abcdef',
    });
    const error = new PipelineError('warehouse_unavailable', 'It cannot be learned.', { cause: refused });

    expect(loggedError(error)).toMatchObject({
      code: 'warehouse_unavailable',
      cause: { code: 'warehouse_rejected', detail: 'job j1: Syntax error near [redacted]' },
    });
  });

  it('keeps message and reason of a cause that is an object and no error, and nothing else of it', () => {
    const cause = { reason: 'invalidQuery', message: 'No column ya29.abcdef', payload: 'rows' };

    expect(loggedError(new Error('outer', { cause })).cause).toEqual({
      type: 'Object',
      message: 'No column [redacted]',
      code: 'invalidQuery',
    });
    expect(loggedError({ payload: 'rows' })).toEqual({ type: 'Object', message: 'It has no message.' });
  });

  it('takes what is no error for its text', () => {
    expect(loggedError('sk-admin-abcdef was thrown')).toEqual({
      type: 'string',
      message: '[redacted] was thrown',
    });
  });
});
