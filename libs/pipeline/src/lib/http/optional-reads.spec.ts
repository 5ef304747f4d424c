import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PipelineError } from '../errors/pipeline-error.ts';
import { LeftOut } from '../processor/left-out.ts';
import type { RequestBounds } from '../processor/processor.ts';
import { OptionalReads } from './optional-reads.ts';

const never = ({ signal }: RequestBounds): Promise<void> => delay(60_000, undefined, { signal });

describe('OptionalReads', () => {
  const running = new AbortController().signal;
  let leftOut: LeftOut;

  const readsOf = (timeoutMs: number, eachMs?: number, signal = running): OptionalReads =>
    new OptionalReads({ signal, leftOut }, { timeoutMs, eachMs });

  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    leftOut = new LeftOut('run-1');
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('has nothing to tell of what was read', async () => {
    expect(await readsOf(1_000).attempt(() => Promise.resolve())).toBeUndefined();
  });

  it('tells why something could not be read', async () => {
    const refused = new PipelineError('credential_rejected', 'HTTP 403');

    expect(await readsOf(1_000).attempt(() => Promise.reject(refused))).toBe(refused);
  });

  it('does without what does not come in time, and begins nothing after that', async () => {
    const reads = readsOf(10);
    const later = jest.fn(() => Promise.resolve());

    expect(await reads.attempt(never)).toMatchObject({ code: 'provider_timed_out' });
    expect(await reads.attempt(later)).toMatchObject({ code: 'provider_timed_out' });
    expect(later).not.toHaveBeenCalled();
  });

  it('gives all reads one time, in which what lies between them does not count', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const timeout = jest.spyOn(AbortSignal, 'timeout');
    const reads = readsOf(60_000);
    const slow = async (): Promise<void> => void (now += 40_000);

    await reads.attempt(slow);
    now += 600_000;
    await reads.attempt(slow);

    expect(timeout.mock.calls).toEqual([[60_000], [20_000]]);
    expect(await reads.attempt(slow)).toMatchObject({ code: 'provider_timed_out' });
  });

  it('ends with the reason when the run is aborted', async () => {
    const abort = new AbortController();
    const reading = readsOf(60_000, undefined, abort.signal).attempt(never);

    abort.abort(new Error('lease lost'));

    await expect(reading).rejects.toThrow('lease lost');
  });

  it('leaves out what cannot be read, and goes on with others of its kind', async () => {
    const reads = readsOf(1_000);
    const refused = new PipelineError('credential_rejected', 'HTTP 403');
    const read = jest.fn(() => Promise.resolve());

    expect(await reads.read('keys', () => Promise.reject(refused))).toBe(false);
    expect(await reads.read('keys', read)).toBe(true);

    expect(read).toHaveBeenCalledTimes(1);
    expect(leftOut.parts).toEqual([{ part: 'keys', code: 'credential_rejected', reason: 'HTTP 403' }]);
  });

  it('gives a kind up after three failures in a row, and no other kind', async () => {
    const reads = readsOf(1_000);
    const failing = jest.fn(() => Promise.reject(new PipelineError('provider_unavailable', 'HTTP 500')));

    for (let times = 0; times < 2; times++) await reads.read('keys', failing);
    await reads.read('keys', () => Promise.resolve());
    for (let times = 0; times < 5; times++) await reads.read('keys', failing);

    expect(failing).toHaveBeenCalledTimes(5);
    expect(await reads.read('users', () => Promise.resolve())).toBe(true);
  });

  it('leaves time for others when one read hangs', async () => {
    const reads = readsOf(60_000, 10);

    expect(await reads.read('keys', never)).toBe(false);
    expect(await reads.read('users', () => Promise.resolve())).toBe(true);
    expect(leftOut.parts).toMatchObject([{ part: 'keys', code: 'provider_timed_out' }]);
  });

  it('does not hide an error of our own', async () => {
    const broken = (): Promise<void> => Promise.reject(new TypeError('x'));

    await expect(readsOf(1_000).attempt(broken)).rejects.toThrow(TypeError);
  });
});
