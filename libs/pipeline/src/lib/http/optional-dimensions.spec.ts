import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PipelineError } from '../errors/pipeline-error.ts';
import { LeftOut } from '../processor/left-out.ts';
import { askGrouped } from './optional-dimensions.ts';

const WANTED = { groupBy: ['day', 'project', 'item', 'key'], optional: ['project', 'item', 'key'] };

describe('askGrouped', () => {
  const { signal } = new AbortController();
  let leftOut: LeftOut;
  let asked: string[];

  const refusal = (status: number): PipelineError =>
    new PipelineError('provider_rejected_request', `HTTP ${status}`, { facts: { provider_status: status } });
  /** A provider that ends a request with an error, or answers with what it was asked for. */
  const provider =
    (errorOf: (groupBy: readonly string[]) => Error | undefined) => async (names: readonly string[]) => {
      asked.push(names.join());
      const error = errorOf(names);
      if (error) throw error;
      return names.join();
    };
  const parts = (): string[] => leftOut.parts.map(({ part }) => part);

  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    leftOut = new LeftOut('run-1');
    asked = [];
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('asks once when nothing is refused', async () => {
    expect(
      await askGrouped(
        WANTED,
        { signal, leftOut },
        provider(() => undefined),
      ),
    ).toEqual({
      answer: 'day,project,item,key',
      groupBy: WANTED.groupBy,
    });
    expect([asked.length, parts()]).toEqual([1, []]);
  });

  it.each([400, 403, 404, 422])('leaves out the dimension that is refused with HTTP %d', async (status) => {
    const ask = provider((names) => (names.includes('key') ? refusal(status) : undefined));

    expect(await askGrouped(WANTED, { signal, leftOut }, ask)).toEqual({
      answer: 'day,project,item',
      groupBy: ['day', 'project', 'item'],
    });
    expect(asked).toEqual(['day,project,item,key', 'day', 'day,project', 'day,project,item']);
    expect(leftOut.parts).toEqual([
      { part: 'grouping by key', code: 'provider_rejected_request', reason: `HTTP ${status}` },
    ]);
  });

  it('keeps every dimension beside the one that is refused, wherever it stands', async () => {
    const ask = provider((names) => (names.includes('project') ? refusal(400) : undefined));

    const { answer, groupBy } = await askGrouped(WANTED, { signal, leftOut }, ask);

    expect([answer, groupBy, parts()]).toEqual([
      'day,item,key',
      ['day', 'item', 'key'],
      ['grouping by project'],
    ]);
  });

  it('keeps as many as are taken at once', async () => {
    const ask = provider((names) => (names.length > 2 ? refusal(400) : undefined));

    expect((await askGrouped(WANTED, { signal, leftOut }, ask)).answer).toBe('day,project');
    expect(parts()).toEqual(['grouping by item', 'grouping by key']);
  });

  it('ends with the refusal when the provider refuses the request without them as well', async () => {
    const ask = provider((names) => refusal(names.length === 4 ? 400 : 404));

    await expect(askGrouped(WANTED, { signal, leftOut }, ask)).rejects.toMatchObject({ message: 'HTTP 400' });
    expect([asked.length, parts()]).toEqual([2, []]);
  });

  it('does without what the provider fails at, again and again', async () => {
    const failure = new PipelineError('provider_unavailable', 'HTTP 500', {
      facts: { provider_status: 500 },
    });
    const ask = provider((names) => (names.includes('key') ? failure : undefined));

    expect((await askGrouped(WANTED, { signal, leftOut }, ask)).answer).toBe('day,project,item');
    expect(parts()).toEqual(['grouping by key']);
  });

  it('leaves nothing out for a fault of a moment', async () => {
    let fault: Error | undefined = new PipelineError('provider_timed_out', 'Slow.');
    const ask = provider(() => {
      const error = fault;
      fault = undefined;
      return error;
    });

    expect((await askGrouped(WANTED, { signal, leftOut }, ask)).answer).toBe('day,project,item,key');
    expect(parts()).toEqual([]);
  });

  it.each<[string, Error]>([
    [
      'a rejected key',
      new PipelineError('credential_rejected', 'HTTP 401', { facts: { provider_status: 401 } }),
    ],
    [
      'a rate limit',
      new PipelineError('provider_rate_limited', 'HTTP 429', { facts: { provider_status: 429 } }),
    ],
    ['a body that cannot be read', new PipelineError('provider_response_invalid', 'Not JSON.')],
    ['an error of our own', new TypeError('x')],
  ])('asks no further after %s', async (_kind, error) => {
    await expect(
      askGrouped(
        WANTED,
        { signal, leftOut },
        provider(() => error),
      ),
    ).rejects.toBe(error);
    expect(asked).toHaveLength(1);
  });

  it('ends with the reason when the run is aborted meanwhile', async () => {
    const reason = new Error('lease lost');
    const ask = provider((names) => (names.length === 4 ? refusal(400) : reason));

    await expect(askGrouped(WANTED, { signal, leftOut }, ask)).rejects.toBe(reason);
  });
});
