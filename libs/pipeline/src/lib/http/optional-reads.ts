import { PipelineError } from '../errors/pipeline-error.ts';
import type { ProcessorContext, RequestBounds } from '../processor/processor.ts';

/** Limits of {@link OptionalReads}. */
export interface OptionalReadsLimits {
  /** Time for all reads together; the time between them does not count. */
  readonly timeoutMs: number;
  /** Time for one read, so that one that hangs leaves some for the others. Default all of it. */
  readonly eachMs?: number;
}

/** A part is given up when so many reads of it have failed one after another. */
const MAX_FAILURES_IN_A_ROW = 3;

/**
 * Reads from a provider what a run can do without, one after another, within a time that all of them share: however many
 * there are, and however slow the provider is, the run waits no longer for them. What could not be read is left out.
 */
export class OptionalReads {
  private leftMs: number;
  private readonly failuresInARow = new Map<string, number>();

  constructor(
    private readonly run: Pick<ProcessorContext, 'signal' | 'leftOut'>,
    private readonly limits: OptionalReadsLimits,
  ) {
    this.leftMs = limits.timeoutMs;
  }

  /**
   * Reads a part, or one of many things that make it up, and leaves it out when that fails.
   * @param part As in `LeftOut.add`.
   * @param work Sends its requests within the bounds that it is given; it is not begun when no time is left, or the part was given up.
   * @returns Whether it was read.
   * @throws The signal's reason when the run is aborted; an error of our own.
   */
  async read(part: string, work: (bounds: RequestBounds) => Promise<void>): Promise<boolean> {
    const failures = this.failuresInARow.get(part) ?? 0;
    if (failures >= MAX_FAILURES_IN_A_ROW) return false;
    const error = await this.attempt(work);
    this.failuresInARow.set(part, error ? failures + 1 : 0);
    if (error) this.run.leftOut.add(part, error);
    return !error;
  }

  /** The same of something whose failure leaves nothing out. Returns the reason for it; undefined when it was read. */
  async attempt(work: (bounds: RequestBounds) => Promise<void>): Promise<PipelineError | undefined> {
    const { signal } = this.run;
    signal.throwIfAborted();
    if (this.leftMs <= 0) return timedOut(this.limits.timeoutMs);
    const startedAt = performance.now();
    const limitMs = Math.ceil(Math.min(this.leftMs, this.limits.eachMs ?? Infinity));
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    try {
      await work({ signal: bounded, optional: true });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PipelineError) return error;
      if (!bounded.aborted) throw error;
      // A timer may fire a little early.
      if (limitMs >= this.leftMs) this.leftMs = 0;
      return timedOut(limitMs);
    } finally {
      this.leftMs -= performance.now() - startedAt;
    }
  }
}

function timedOut(limitMs: number): PipelineError {
  return new PipelineError(
    'provider_timed_out',
    `What the run can do without took the provider longer than ${limitMs / 1000} s.`,
  );
}
