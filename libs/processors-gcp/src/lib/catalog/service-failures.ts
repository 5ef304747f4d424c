import { PipelineError, type ProcessorContext } from '@pipelines/pipeline';

/** Lists of services that may fail one after another; more tell of the whole catalog, and not of these services. */
const MAX_FAILURES_IN_A_ROW = 2;
const REFUSALS: readonly unknown[] = [400, 403, 404];

/**
 * The services whose SKUs the provider refuses or fails to list. Prices of the others are right without them, and the next
 * run asks again.
 */
export class ServiceFailures {
  private first?: PipelineError;
  private inARow = 0;
  private anyListed = false;

  constructor(private readonly leftOut: ProcessorContext['leftOut']) {}

  /** The list of a service was read to its end. */
  listed(): void {
    this.anyListed = true;
    this.inARow = 0;
  }

  /** The list of a service failed. @throws The error, unless it may be for this service only. */
  failed(error: unknown): void {
    if (!(error instanceof PipelineError) || !mayBeForOneService(error)) throw error;
    this.first ??= error;
    this.inARow++;
    if (this.inARow > MAX_FAILURES_IN_A_ROW) throw error;
  }

  /** All services were asked for. @throws The first error when none could be listed. */
  end(): void {
    if (!this.first) return;
    if (!this.anyListed) throw this.first;
    this.leftOut.add('prices of some services', this.first);
  }
}

function mayBeForOneService({ code, facts }: PipelineError): boolean {
  if (code === 'provider_unavailable' || code === 'provider_timed_out') return true;
  return REFUSALS.includes(facts.provider_status);
}
