import type { Clock } from '../lib/http/clock.ts';

/** A clock for specs, on which every wait is over at once, and time passes by waits alone. */
export class LeapingClock implements Clock {
  private time: number;

  /** @param start Time of day at the beginning. */
  constructor(start = '2026-12-01T00:41:10Z') {
    this.time = Date.parse(start);
  }

  now(): number {
    return this.time;
  }

  date(): Date {
    return new Date(this.time);
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const until = this.time + ms;
    // Requests that are under way get their answers before the time has passed.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    this.time = Math.max(this.time, until);
  }
}
