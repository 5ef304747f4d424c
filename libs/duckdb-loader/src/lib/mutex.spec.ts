import { describe, expect, it } from '@jest/globals';
import { Mutex } from './mutex.ts';

describe('Mutex', () => {
  it('runs one piece of work at a time, in order, and goes on after a failure', async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    const work =
      (name: string, fails = false) =>
      async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };

    const results = await Promise.allSettled([mutex.run(work('a', true)), mutex.run(work('b'))]);

    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
