import type { ServiceCost } from './warehouse-report.ts';

/** One line per provider and service, one column per day, for `console.table`. Amounts are cut to cents. */
export function costTable(costs: readonly ServiceCost[]): Record<string, Record<string, string>> {
  const days = [...new Set(costs.map(({ day }) => day))].sort();
  const table: Record<string, Record<string, string>> = {};
  for (const { provider, service, currency, day, amount } of costs) {
    const line = (table[`${provider} / ${service}`] ??= Object.fromEntries([
      ...days.map((column) => [column, '']),
      ['currency', currency],
    ]));
    line[day] = cents(amount);
  }
  return table;
}

function cents(amount: string): string {
  const [whole, fraction = ''] = amount.split('.');
  return `${whole}.${fraction.padEnd(2, '0').slice(0, 2)}`;
}
