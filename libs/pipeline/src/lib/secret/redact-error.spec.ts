import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import { redactError } from './redact-error.ts';

const redact = (text: string): string => text.replaceAll('hidden', '[redacted]');

describe('redactError', () => {
  it('redacts message, stack, detail, facts and the chain of causes', () => {
    const root = Object.assign(new TypeError('header "hidden" is invalid'), { code: 'E_HEADER' });
    const cause = new AggregateError([root], 'hidden', { cause: { errors: [{ message: 'hidden' }] } });
    const error = new PipelineError('provider_unreachable', 'hidden', {
      cause,
      operatorDetail: 'GET /hidden',
      facts: { path: ['hidden'], status: 7 },
      retryAfterMs: 5,
    });

    const shown = redactError(error, redact);

    expect(shown).toBeInstanceOf(PipelineError);
    expect(shown).toMatchObject({
      code: 'provider_unreachable',
      transient: true,
      message: '[redacted]',
      operatorDetail: 'GET /[redacted]',
      facts: { path: ['[redacted]'], status: 7 },
      retryAfterMs: 5,
    });
    const { errors } = shown.cause as AggregateError;
    expect(errors[0]).toBeInstanceOf(TypeError);
    expect(errors[0]).toMatchObject({ code: 'E_HEADER', message: 'header "[redacted]" is invalid' });
    expect((shown.cause as Error).cause).toEqual({ errors: [{ message: '[redacted]' }] });
    for (const { stack } of [shown, shown.cause as Error, errors[0] as Error]) {
      expect(stack).toContain('[redacted]');
      expect(stack).not.toContain('hidden');
    }
    expect(inspect(shown)).not.toContain('hidden');
    expect(inspect(shown)).toContain('GET /[redacted]');
    expect(error.message).toBe('hidden');
  });

  it('leaves an error as it is that carries nothing to redact', () => {
    const error = new PipelineError('provider_unreachable', 'away', { cause: new Error('reset') });

    expect(redactError(error, redact)).toBe(error);
    expect(redactError(undefined, redact)).toBeUndefined();
  });

  it('leaves the code, even where a secret has the same word', () => {
    const error = new PipelineError('provider_unreachable', 'provider_unreachable');

    expect(redactError(error, (text) => text.replaceAll('provider', 'x'))).toMatchObject({
      code: 'provider_unreachable',
      message: 'x_unreachable',
    });
  });

  it('ends where a chain of causes bites its tail', () => {
    const error = new Error('hidden');
    error.cause = new Error('outer', { cause: error });

    const shown = redactError(error, redact);

    expect(shown.message).toBe('[redacted]');
    expect(((shown.cause as Error).cause as Error).message).toBe('[redacted]');
  });
});
