import { equalDecimals } from '../money/decimal.ts';
import type { LoadTotals, MoneyTotal } from './receipt.ts';

/**
 * How the totals of two steps of a load differ, in words, or undefined when they agree. A sum of zero equals a missing
 * one.
 * @param steps Participles of the two steps: `['extracted', 'staged']`.
 */
export function totalsDifference(
  first: LoadTotals,
  second: LoadTotals,
  [firstStep, secondStep]: readonly [string, string],
): string | undefined {
  if (first.rows !== second.rows) {
    return `${first.rows} rows were ${firstStep} but ${second.rows} ${secondStep}`;
  }
  const rest = new Map(second.money.map((total) => [keyOf(total), total]));
  for (const total of first.money) {
    const sum = rest.get(keyOf(total))?.sum ?? '0';
    if (!equalDecimals(total.sum, sum)) {
      return `${total.column} in ${total.currency} sums to ${total.sum} ${firstStep} but ${sum} ${secondStep}`;
    }
    rest.delete(keyOf(total));
  }
  const surplus = [...rest.values()].find(({ sum }) => !equalDecimals(sum, '0'));
  return (
    surplus &&
    `${surplus.sum} ${surplus.currency} of ${surplus.column} were ${secondStep} but never ${firstStep}`
  );
}

function keyOf({ column, currency }: MoneyTotal): string {
  return JSON.stringify([column, currency]);
}
