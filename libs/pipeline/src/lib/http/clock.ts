import { setTimeout as delay } from 'node:timers/promises';

/** Tells the time and waits, in milliseconds. */
export interface Clock {
  /** Never goes back. Only the difference of two instants means something. */
  now(): number;
  /** The time of day, to compare with an instant that somebody else names. */
  date(): Date;
  /** Rejects when aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The clock of the machine. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
};
