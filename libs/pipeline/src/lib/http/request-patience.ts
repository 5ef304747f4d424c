import type { PipelineError } from '../errors/pipeline-error.ts';

/** How long a request goes on, as {@link ProviderHttpOptions} describe it. */
export interface PatienceOptions {
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetryAfterMs: number;
  readonly maxLimitedMs: number;
}

/** What follows a failure of a request. */
export interface NextTry {
  /** Time before the next request with the credential. */
  readonly waitMs: number;
  /** Whether this request is tried again. */
  readonly again: boolean;
}

/**
 * How one request goes on after its failures. A fault counts, and after some of them the request has failed. A limit does
 * not: it says that the request will be answered, only later. So a limit is waited for as long as the provider answers
 * other requests with the credential, and for some time when it answers none.
 *
 * What a provider asks to wait only ever lengthens the wait of our own.
 */
export class RequestPatience {
  private faults = 0;
  private limits = 0;
  private limitedSince?: number;

  constructor(private readonly options: PatienceOptions) {}

  /**
   * @param now Of a monotonic clock, in milliseconds.
   * @param answeredAt When the provider last answered a request with the credential.
   */
  after(error: PipelineError, now: number, answeredAt: number): NextTry {
    const askedMs = error.retryAfterMs ?? 0;
    const limited = error.code === 'provider_rate_limited';
    const waitMs = Math.max(this.backoffMs(limited ? this.limits++ : this.faults++), askedMs);
    const again = error.transient && askedMs <= this.options.maxRetryAfterMs;
    if (!limited) return { waitMs, again: again && this.faults < this.options.maxAttempts };
    this.limitedSince = Math.max(this.limitedSince ?? now, answeredAt);
    return { waitMs, again: again && now + waitMs - this.limitedSince <= this.options.maxLimitedMs };
  }

  private backoffMs(failures: number): number {
    const backoffMs = Math.min(this.options.baseDelayMs * 2 ** failures, this.options.maxDelayMs);
    return Math.round(backoffMs * (1 - Math.random() / 4));
  }
}
