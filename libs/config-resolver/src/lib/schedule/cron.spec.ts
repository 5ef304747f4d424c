import { describe, expect, it } from '@jest/globals';
import { cronProblem } from './cron.ts';

describe('cronProblem', () => {
  it.each(['0 3 * * *', '*/15 * * * *', '30 2 1,15 * *', '0 6 * * MON-FRI', '0 0 L * *', '0 0 29 2 *'])(
    'takes %s',
    (cron) => expect(cronProblem(cron)).toBeUndefined(),
  );

  it.each([
    ['', 'five fields'],
    ['0 3 * *', 'five fields'],
    ['0 0 3 * * *', 'five fields'],
    ['@daily', 'five fields'],
    ['H 3 * * *', 'jitter'],
    ['61 3 * * *', 'range 0-59'],
    ['0 0 30 2 *', 'day of month'],
  ])('refuses "%s" and says why', (cron, why) => expect(cronProblem(cron)).toContain(why));
});
