import { PipelineError } from '../errors/pipeline-error.ts';
import { SYSTEM_CLOCK, type Clock } from './clock.ts';
import { RequestRate } from './request-rate.ts';

/** Requests that may come at once: every pipeline of an organization begins with one. */
const BURST = 10;
/** Many more than one process uses within seconds. */
const MAX_KEPT = 1_000;
/** A provider that names an absurd time must not shut a credential out for good. */
const MAX_HOLD_MS = 60 * 60_000;

/** A stored credential, whose requests are counted together. */
export interface RatedCredential {
  readonly org: string;
  readonly provider: string;
  readonly credentialName: string;
  /** Requests per second. */
  readonly perSecond: number;
}

/**
 * The rates of the credentials that this process uses, so that pipelines which run side by side with one credential stay
 * below what its provider bears, and all hold off when the provider tells one of them to.
 */
export class CredentialRates {
  /** By organization, provider and name of the credential. */
  private readonly rates = new Map<string, RequestRate>();

  constructor(private readonly clock: Clock = SYSTEM_CLOCK) {}

  /** Credentials that are kept in memory. */
  get size(): number {
    return this.rates.size;
  }

  /**
   * Waits until the credential may be used once.
   * @param maxHoldMs Longest time to wait for a provider that said when to come back.
   * @throws PipelineError `provider_rate_limited` when that is longer; what the abort of the signal rejects with.
   */
  async turn(credential: RatedCredential, maxHoldMs: number, signal: AbortSignal): Promise<void> {
    const rate = this.rateOf(credential);
    for (;;) {
      const now = this.clock.now();
      const heldMs = Math.ceil(rate.heldUntil - now);
      if (heldMs > maxHoldMs) throw heldOff(credential, heldMs);
      const turn = rate.take(now);
      if (turn > now) await this.clock.wait(turn - now, signal);
      // Another request may have been told to hold off meanwhile.
      if (rate.heldUntil <= turn) return;
    }
  }

  /** Remembers that the provider has just answered a request with the credential. */
  answered(credential: RatedCredential): void {
    this.rateOf(credential).answeredAt = this.clock.now();
  }

  /** When the provider last answered a request with the credential. */
  answeredAt(credential: RatedCredential): number {
    return this.rateOf(credential).answeredAt;
  }

  /** Has all requests of the credential wait, those too that are waiting for their turn. */
  holdOff(credential: RatedCredential, ms: number): void {
    this.rateOf(credential).holdUntil(this.clock.now() + Math.min(ms, MAX_HOLD_MS));
  }

  private rateOf({ org, provider, credentialName, perSecond }: RatedCredential): RequestRate {
    const key = JSON.stringify([org, provider, credentialName]);
    const known = this.rates.get(key);
    if (known) return known;
    if (this.rates.size >= MAX_KEPT) this.forgetSome();
    const rate = new RequestRate(perSecond, BURST);
    this.rates.set(key, rate);
    return rate;
  }

  /** Those that are as good as new, or else the oldest. */
  private forgetSome(): void {
    const now = this.clock.now();
    for (const [key, rate] of this.rates) if (rate.isFull(now)) this.rates.delete(key);
    const [oldest] = this.rates.keys();
    if (oldest !== undefined && this.rates.size >= MAX_KEPT) this.rates.delete(oldest);
  }
}

function heldOff({ provider }: RatedCredential, heldMs: number): PipelineError {
  return new PipelineError(
    'provider_rate_limited',
    `${provider} is limiting the rate of requests: it asked this credential to send none for another ${Math.ceil(heldMs / 1000)} s.`,
    { facts: { provider }, retryAfterMs: heldMs },
  );
}
