import { PipelineError } from '../errors/pipeline-error.ts';

/**
 * Reads from a provider what a run can do without, one after another, within a time that all of them share: however many
 * there are, and however slow the provider is, the run waits no longer for them.
 */
export class OptionalReads {
  private leftMs: number;

  /**
   * @param signal Of the run.
   * @param timeoutMs What all reads may take together; the time between them does not count.
   */
  constructor(
    private readonly signal: AbortSignal,
    private readonly timeoutMs: number,
  ) {
    this.leftMs = timeoutMs;
  }

  /**
   * @param work Heeds the signal that it is given; it is not begun when no time is left.
   * @returns Why it could not be read; undefined when it was.
   * @throws The signal's reason when the run is aborted; an error of our own.
   */
  async read(work: (signal: AbortSignal) => Promise<void>): Promise<PipelineError | undefined> {
    this.signal.throwIfAborted();
    if (this.leftMs <= 0) return this.timedOut();
    const startedAt = performance.now();
    const bounded = AbortSignal.any([this.signal, AbortSignal.timeout(Math.ceil(this.leftMs))]);
    try {
      await work(bounded);
      return undefined;
    } catch (error) {
      this.signal.throwIfAborted();
      if (error instanceof PipelineError) return error;
      if (!bounded.aborted) throw error;
      this.leftMs = 0;
      return this.timedOut();
    } finally {
      this.leftMs -= performance.now() - startedAt;
    }
  }

  private timedOut(): PipelineError {
    return new PipelineError(
      'provider_timed_out',
      `What the run can do without took the provider longer than ${this.timeoutMs / 1000} s.`,
    );
  }
}
