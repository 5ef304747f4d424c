import type { SandboxClock } from '../control/clock.ts';
import { Draw } from './draw.ts';

/** What a provider says of a charge so far. */
export type Knowledge = 'nothing' | 'the first amount' | 'all';

const LATE_DAYS = 2;
const CORRECTED_DAYS = 3;

/**
 * What is known of a charge of the day by now: of sixty, two come late, two are corrected after some days, and one when its
 * month is closed.
 * @param key Tells the charge from others.
 */
export function knowledgeOf(
  clock: SandboxClock,
  date: string,
  ...key: readonly (string | number)[]
): Knowledge {
  const lot = new Draw('restated', date, ...key).below(60);
  if (lot < 2 && !clock.hasSettled(date, LATE_DAYS)) return 'nothing';
  if (lot >= 2 && lot < 4 && !clock.hasSettled(date, CORRECTED_DAYS)) return 'the first amount';
  if (lot === 4 && !clock.hasClosedMonthOf(date)) return 'the first amount';
  return 'all';
}

/** The amount that was told before the correction: too little by an eighth. */
export function firstAmount(amount: bigint): bigint {
  return amount - amount / 8n;
}
