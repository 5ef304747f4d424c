import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '@pipelines/pipeline';
import { outcomeOf } from './attempt-outcome.ts';
import { AttemptWork, WorkerStoppedError } from './attempt-work.ts';
import type { Attempt } from './attempt.ts';

const RETRY = { limit: 3, delayMs: 1_000 };
const UNAVAILABLE = new PipelineError('provider_unavailable', 'HTTP 503');
const REJECTED = new PipelineError('credential_rejected', 'HTTP 401');

function workOf(changes: { retries?: number; committing?: boolean } = {}) {
  const attempt: Attempt = {
    runId: '019a0000-0000-7000-8000-000000000001',
    number: 1,
    claim: 0,
    org: 'acme_corp',
    provider: 'openai',
    domain: 'cost',
    pipeline: 'costs_daily',
    window: { start: '2026-11-01', end: '2026-11-02' },
    place: {},
    retries: changes.retries ?? 0,
    lostAttempts: 0,
    proof: null,
    cancelRequested: false,
    admittedAt: 0,
  };
  const stopping = new AbortController();
  const work = new AttemptWork(attempt, stopping.signal);
  work.committing = changes.committing ?? false;
  return { work, stopping };
}

describe('outcomeOf', () => {
  it('fails the run on a terminal error, also while it commits', () => {
    expect(outcomeOf(REJECTED, workOf().work, RETRY)).toEqual({ kind: 'failed', error: REJECTED });
    expect(outcomeOf(REJECTED, workOf({ committing: true }).work, RETRY)).toEqual({
      kind: 'failed',
      error: REJECTED,
    });
  });

  it.each([
    [0, 750, 1_000],
    [1, 1_500, 2_000],
    [2, 3_000, 4_000],
  ])('sends the run back after %d retries with a growing delay', (retries, least, most) => {
    const outcome = outcomeOf(UNAVAILABLE, workOf({ retries }).work, RETRY);

    expect(outcome).toMatchObject({ kind: 'retried', error: UNAVAILABLE });
    const { delayMs } = outcome as { delayMs: number };
    expect(delayMs).toBeGreaterThanOrEqual(least);
    expect(delayMs).toBeLessThanOrEqual(most);
  });

  it('waits as long as the other side asks', () => {
    const limited = new PipelineError('provider_rate_limited', 'HTTP 429', { retryAfterMs: 12_345 });

    expect(outcomeOf(limited, workOf().work, RETRY)).toMatchObject({ kind: 'retried', delayMs: 12_345 });
  });

  it.each([0, 1, 700])(
    'waits no less than the pipeline says when the other side asks for %d ms',
    (retryAfterMs) => {
      const limited = new PipelineError('provider_rate_limited', 'HTTP 429', { retryAfterMs });

      const { delayMs } = outcomeOf(limited, workOf({ retries: 1 }).work, RETRY) as { delayMs: number };
      expect(delayMs).toBeGreaterThanOrEqual(1_500);
      expect(delayMs).toBeLessThanOrEqual(2_000);
    },
  );

  it('does not hold its slot for a month because the other side asks for it', () => {
    const limited = new PipelineError('provider_rate_limited', 'HTTP 429', { retryAfterMs: 30 * 86_400_000 });

    expect(outcomeOf(limited, workOf().work, RETRY)).toMatchObject({ kind: 'retried', delayMs: 86_400_000 });
  });

  it('fails the run once its retries are used up', () => {
    expect(outcomeOf(UNAVAILABLE, workOf({ retries: 3 }).work, RETRY)).toEqual({
      kind: 'failed',
      error: UNAVAILABLE,
    });
  });

  it('retries what nobody foresaw, and hides its words from the tenant', () => {
    const cause = new TypeError('cannot read password of undefined');
    const outcome = outcomeOf(cause, workOf().work, RETRY);

    expect(outcome).toMatchObject({ kind: 'retried', error: { code: 'internal_error', cause } });
    expect((outcome as { error: Error }).error.message).not.toContain('password');
  });

  it('goes by why the attempt was aborted, not by what broke then', () => {
    const { work, stopping } = workOf();
    stopping.abort(new WorkerStoppedError());
    expect(outcomeOf(new Error('socket closed'), work, RETRY)).toEqual({ kind: 'released' });

    const lost = workOf().work;
    lost.lose();
    expect(outcomeOf(REJECTED, lost, RETRY)).toEqual({ kind: 'taken_over' });
  });

  it('tries a run late and few times when a quota of the warehouse is used up, also while it commits', () => {
    const quota = new PipelineError('warehouse_quota_exceeded', 'used up', { retryAfterMs: 3_600_000 });
    const outcomes = [0, 1, 2, 3].map((retries) =>
      outcomeOf(quota, workOf({ committing: true, retries }).work, RETRY),
    );

    const later = { kind: 'retried', error: quota, delayMs: 3_600_000 };
    expect(outcomes).toEqual([later, later, later, { kind: 'failed', error: quota }]);
  });

  it('never fails a run whose commit was interrupted or may have got through', () => {
    const { work, stopping } = workOf({ committing: true, retries: 10 });
    const unknown = new PipelineError('warehouse_unavailable', 'no answer');
    expect(outcomeOf(unknown, work, RETRY)).toMatchObject({ kind: 'retried', error: unknown });

    stopping.abort(new WorkerStoppedError());
    expect(outcomeOf(new Error('interrupted'), work, RETRY)).toMatchObject({ kind: 'retried' });
  });

  it('asks at once what became of a commit that a cancellation interrupted', () => {
    const { work } = workOf({ committing: true, retries: 3 });
    work.cancel();

    expect(outcomeOf(work.signal.reason, work, RETRY)).toMatchObject({ kind: 'retried', delayMs: 0 });
  });
});
