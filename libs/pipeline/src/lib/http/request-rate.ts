/**
 * How often one credential may be used: a token bucket, kept as the instant at which it is full again (the generic cell
 * rate algorithm). All times are in milliseconds of one clock.
 */
export class RequestRate {
  /** When a request was answered last. */
  answeredAt = -Infinity;
  private readonly intervalMs: number;
  private readonly burstMs: number;
  private fullAt = -Infinity;
  private heldUntilMs = -Infinity;

  /**
   * @param perSecond Requests per second; any number when infinite.
   * @param burst Requests that may come at once after a pause.
   */
  constructor(perSecond: number, burst: number) {
    this.intervalMs = 1_000 / perSecond;
    this.burstMs = this.intervalMs * (burst - 1);
  }

  /** Until when nothing may be sent, because the provider said so. */
  get heldUntil(): number {
    return this.heldUntilMs;
  }

  /** Takes the next turn, and tells when it is. */
  take(now: number): number {
    const turn = Math.max(now, this.fullAt - this.burstMs);
    this.fullAt = Math.max(this.fullAt, turn) + this.intervalMs;
    return turn;
  }

  /** Lets no turn come before the instant, and after it one at a time. */
  holdUntil(instant: number): void {
    this.heldUntilMs = Math.max(this.heldUntilMs, instant);
    this.fullAt = Math.max(this.fullAt, instant + this.burstMs);
  }

  /** Whether it is as good as new, so that it need not be kept. */
  isFull(now: number): boolean {
    return this.fullAt <= now;
  }
}
