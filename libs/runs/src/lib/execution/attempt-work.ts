import { PipelineError, redactError, type Secret } from '@pipelines/pipeline';
import type { Attempt } from './attempt.ts';

/** The reason to abort an attempt that is no longer the run's newest; nothing of it may be written. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';

  constructor({ number, runId }: Attempt) {
    super(`Attempt ${number} of run ${runId} was taken over.`);
  }
}

/** The reason to abort the attempts of a stopping worker: their runs go back to the queue instead of failing. */
export class WorkerStoppedError extends Error {
  override readonly name = 'WorkerStoppedError';
}

/** The error of a run that was cancelled while it was under way. */
export function cancelled(): PipelineError {
  return new PipelineError(
    'cancelled',
    'The run was cancelled while it was under way; the target was not touched.',
  );
}

function timedOut(timeoutMs: number): PipelineError {
  return new PipelineError(
    'timed_out',
    `The run exceeded the pipeline's timeout of ${timeoutMs / 1000} s. Shorten the window or raise "timeout".`,
  );
}

/** What an attempt's parts share while it works: the signal that ends it, and how far it is. */
export class AttemptWork {
  readonly signal: AbortSignal;
  rowsExtracted: () => number = () => 0;
  /** Whether what was staged is left to the sweeper. */
  stagingLeft = false;
  /** While true the target may have changed, by this attempt or an earlier one, and only the warehouse can tell. */
  committing: boolean;
  /** While true the attempt finds out whether an earlier one has committed, which nobody can spare it. */
  inquiring: boolean;
  private readonly controller = new AbortController();
  private readonly secrets: Secret<object>[] = [];
  private timeout?: NodeJS.Timeout;

  constructor(
    readonly attempt: Attempt,
    stopping: AbortSignal,
  ) {
    this.signal = AbortSignal.any([this.controller.signal, stopping]);
    this.committing = this.inquiring = attempt.proof !== null;
  }

  /** Begins the run anew: no earlier attempt has committed. */
  startAnew(): void {
    this.committing = this.inquiring = false;
  }

  /** Has {@link redacted} look for the secret, which the attempt is about to use. */
  uses(secret: Secret<object> | undefined): void {
    if (secret) this.secrets.push(secret);
  }

  /**
   * What was thrown, without anything of the secrets that the attempt used: whatever quotes the provider's data, or the
   * warehouse's words, may quote one.
   */
  redacted(thrown: unknown): unknown {
    return this.secrets.reduce((error, secret) => redactError(error, (text) => secret.redact(text)), thrown);
  }

  /** Aborts with `timed_out` when the attempt takes longer. */
  limitTo(timeoutMs: number): void {
    this.timeout = setTimeout(() => this.controller.abort(timedOut(timeoutMs)), timeoutMs);
  }

  /** Aborts because another attempt owns the run. */
  lose(): void {
    this.controller.abort(new LeaseLostError(this.attempt));
  }

  /** Aborts with `cancelled`, unless it is open whether the run has completed; ask again then. */
  cancel(): void {
    if (!this.inquiring) this.controller.abort(cancelled());
  }

  end(): void {
    clearTimeout(this.timeout);
  }
}
