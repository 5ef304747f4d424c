import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import { readOptional } from './optional-read.ts';

const never = (signal: AbortSignal): Promise<void> => delay(60_000, undefined, { signal });

describe('readOptional', () => {
  const running = new AbortController().signal;

  it('has nothing to tell of what was read', async () => {
    expect(await readOptional(running, 1_000, () => Promise.resolve())).toBeUndefined();
  });

  it('tells why something could not be read', async () => {
    const refused = new PipelineError('credential_rejected', 'HTTP 403');

    expect(await readOptional(running, 1_000, () => Promise.reject(refused))).toBe(refused);
  });

  it('does without what does not come in time', async () => {
    expect(await readOptional(running, 10, never)).toMatchObject({ code: 'provider_unavailable' });
  });

  it('ends with the reason when the run is aborted', async () => {
    const abort = new AbortController();
    const reading = readOptional(abort.signal, 60_000, never);

    abort.abort(new Error('lease lost'));

    await expect(reading).rejects.toThrow('lease lost');
  });

  it('does not hide an error of our own', async () => {
    await expect(readOptional(running, 1_000, () => Promise.reject(new TypeError('x')))).rejects.toThrow(
      TypeError,
    );
  });
});
