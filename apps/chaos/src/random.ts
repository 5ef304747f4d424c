/**
 * A seeded sequence of choices (mulberry32). The seed repeats what a scenario chooses; when processes meet is the
 * machine's choice, so a repeated seed makes a failure likely again, not certain.
 */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** An integer from 0 to `bound - 1`. */
  below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  /** A sequence of its own, for a part that runs beside others. */
  fork(): Random {
    return new Random(this.below(2 ** 32));
  }

  /** True once in `times` on average. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the values, of which there must be one. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}
