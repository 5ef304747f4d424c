import { quoteInexactNumbers } from './quote-inexact-numbers.ts';

/** An array of JSON that is parsed slice by slice, so that no more than a slice of it is ever in memory. */
export class LargeArray {
  /**
   * @param json What the array is part of, in UTF-8.
   * @param bounds Indexes of its opening bracket, of the commas that part its slices, and of its closing bracket.
   */
  constructor(
    private readonly json: Buffer,
    private readonly bounds: readonly number[],
  ) {}

  /**
   * The elements in order, some of them at a time.
   * @throws SyntaxError when a slice is not JSON; the slices before it have been given out by then.
   */
  *slices(): Generator<readonly unknown[]> {
    for (let index = 1; index < this.bounds.length; index++) {
      const slice = quoteInexactNumbers(this.json, this.bounds[index - 1]! + 1, this.bounds[index]);
      const elements = JSON.parse(`[${slice}]`) as unknown[];
      if (elements.length === 0) throw new SyntaxError('A comma of the array has no element beside it.');
      yield elements;
    }
  }
}
