import { createHash } from 'node:crypto';

/** A source of numbers that depends on its key alone: the same key gives the same numbers, for ever. */
export class Draw {
  private readonly digest: Buffer;
  private offset = 0;

  constructor(...key: readonly (string | number)[]) {
    this.digest = createHash('sha512').update(JSON.stringify(key)).digest();
  }

  /** An integer from 0 up to `bound`, exclusive; at most ten of them may be drawn. */
  below(bound: number): number {
    const value = this.digest.readUIntBE(this.offset, 6);
    this.offset += 6;
    return value % bound;
  }

  /** True once in `n` times, on average. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** One of the choices. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}
