import type { RetryPolicy } from '@pipelines/config-resolver';
import { PipelineError } from '@pipelines/pipeline';
import type { Interruption } from '../run.entity.ts';
import type { AttemptWork } from './attempt-work.ts';
import type { Attempt } from './attempt.ts';
import { LeaseLostError, WorkerStoppedError } from './attempt-work.ts';

/** What becomes of a run whose attempt did not complete. */
export type AttemptOutcome =
  | { readonly kind: 'taken_over' }
  | { readonly kind: 'released' }
  | {
      readonly kind: 'retried';
      readonly error: PipelineError;
      readonly delayMs: number;
      /** Of a commit of which it is unknown whether it took place. */
      readonly interruption?: Interruption;
    }
  | { readonly kind: 'failed'; readonly error: PipelineError };

/** How often the question whether a commit took place is put to the warehouse before a person has to. */
const MAX_COMMIT_INQUIRIES = 20;
const MAX_DELAY_MS = 15 * 60_000;
/** A waiting run holds its slot, so no provider may have it wait for longer than this at a time. */
const MAX_ASKED_DELAY_MS = 24 * 60 * 60_000;

/**
 * Decides from why an attempt ended.
 *
 * A terminal error fails the run. A transient or unexpected one sends it back to the queue as often as the pipeline
 * allows. Once the commit has begun, an interruption says nothing about its outcome, and a transient error little: the
 * run goes back whatever the pipeline allows, because the next attempt learns from the warehouse what happened; with it
 * goes what it is to fail with when nothing was committed. A quota that is used up is an answer, though: nothing was
 * committed, and asking often would only use up more.
 */
export function outcomeOf(thrown: unknown, work: AttemptWork, retry: RetryPolicy): AttemptOutcome {
  const interrupted = work.signal.aborted;
  const reason: unknown = interrupted && !work.committing ? work.signal.reason : thrown;
  if (reason instanceof LeaseLostError) return { kind: 'taken_over' };
  if (reason instanceof WorkerStoppedError) return { kind: 'released' };

  const { retries } = work.attempt;
  const error = toPipelineError(reason);
  const refused = error.code === 'warehouse_quota_exceeded';
  const undecided = work.committing && (interrupted || (isTransient(reason) && !refused));
  const mayRetry = undecided ? retries < MAX_COMMIT_INQUIRIES : isTransient(reason) && retries < retry.limit;
  if (!mayRetry) return { kind: 'failed', error };
  // What we interrupted ourselves is no sign of trouble on the other side.
  const delayMs = interrupted ? 0 : delayOf(error, retry, retries);
  return {
    kind: 'retried',
    error,
    delayMs,
    interruption: undecided ? interruptionOf(work, error) : undefined,
  };
}

/** The error of a run whose interrupted commit has not taken place; undefined when it may begin anew. */
export function errorOfUncommitted(
  { proof }: Pick<Attempt, 'proof'>,
  retry: RetryPolicy,
): PipelineError | undefined {
  const interruption = proof?.interruption;
  if (!interruption || (interruption.transient && interruption.retries < retry.limit)) return undefined;
  return new PipelineError(interruption.code, interruption.message);
}

/** Undefined when it is no reason to fail, or an inquiry was interrupted: of the commit the attempt before has told. */
function interruptionOf(
  { inquiring, signal, attempt: { retries } }: AttemptWork,
  error: PipelineError,
): Interruption | undefined {
  if (inquiring) return undefined;
  if (!signal.aborted) return { code: error.code, message: error.message, transient: true, retries };
  const reason: unknown = signal.reason;
  if (!(reason instanceof PipelineError)) return undefined;
  return { code: reason.code, message: reason.message, transient: false, retries };
}

/** What is no error of ours is a fault that nobody foresaw, or the database's; neither need last. */
function isTransient(reason: unknown): boolean {
  return !(reason instanceof PipelineError) || reason.transient;
}

/** What the other side asks for only ever lengthens the delay of the pipeline. */
function delayOf({ retryAfterMs = 0 }: PipelineError, retry: RetryPolicy, retries: number): number {
  return Math.max(backoffMs(retry.delayMs, retries), Math.min(retryAfterMs, MAX_ASKED_DELAY_MS));
}

/** Doubles with every retry; the last quarter is left to chance, so that runs do not come back all at once. */
function backoffMs(delayMs: number, retries: number): number {
  return Math.round(Math.min(delayMs * 2 ** retries, MAX_DELAY_MS) * (1 - Math.random() / 4));
}

function toPipelineError(reason: unknown): PipelineError {
  if (reason instanceof PipelineError) return reason;
  return new PipelineError('internal_error', 'An unexpected fault of the service ended the attempt.', {
    cause: reason,
  });
}
