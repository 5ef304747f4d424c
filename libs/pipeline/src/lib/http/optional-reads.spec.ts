import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import { OptionalReads } from './optional-reads.ts';

const never = (signal: AbortSignal): Promise<void> => delay(60_000, undefined, { signal });

describe('OptionalReads', () => {
  const running = new AbortController().signal;

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('has nothing to tell of what was read', async () => {
    expect(await new OptionalReads(running, 1_000).read(() => Promise.resolve())).toBeUndefined();
  });

  it('tells why something could not be read', async () => {
    const refused = new PipelineError('credential_rejected', 'HTTP 403');

    expect(await new OptionalReads(running, 1_000).read(() => Promise.reject(refused))).toBe(refused);
  });

  it('does without what does not come in time, and begins nothing after that', async () => {
    const reads = new OptionalReads(running, 10);
    const later = jest.fn(() => Promise.resolve());

    expect(await reads.read(never)).toMatchObject({ code: 'provider_timed_out' });
    expect(await reads.read(later)).toMatchObject({ code: 'provider_timed_out' });
    expect(later).not.toHaveBeenCalled();
  });

  it('gives all reads one time, in which what lies between them does not count', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const timeout = jest.spyOn(AbortSignal, 'timeout');
    const reads = new OptionalReads(running, 60_000);
    const slow = async (): Promise<void> => void (now += 40_000);

    await reads.read(slow);
    now += 600_000;
    await reads.read(slow);

    expect(timeout.mock.calls).toEqual([[60_000], [20_000]]);
    expect(await reads.read(slow)).toMatchObject({ code: 'provider_timed_out' });
  });

  it('ends with the reason when the run is aborted', async () => {
    const abort = new AbortController();
    const reading = new OptionalReads(abort.signal, 60_000).read(never);

    abort.abort(new Error('lease lost'));

    await expect(reading).rejects.toThrow('lease lost');
  });

  it('does not hide an error of our own', async () => {
    const broken = (): Promise<void> => Promise.reject(new TypeError('x'));

    await expect(new OptionalReads(running, 1_000).read(broken)).rejects.toThrow(TypeError);
  });
});
