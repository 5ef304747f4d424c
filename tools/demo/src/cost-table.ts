import { roundDecimal } from '@pipelines/pipeline';
import type { ServiceCost } from './warehouse-report.ts';

/** The cost as text: one line per provider and service, one column per day. Amounts are rounded to cents. */
export function costTable(costs: readonly ServiceCost[]): string {
  const days = [...new Set(costs.map(({ day }) => day))].sort();
  const amounts = new Map<string, Map<string, string>>();
  for (const { provider, service, currency, day, amount } of costs) {
    const line = `${provider} / ${service} (${currency})`;
    amounts.set(line, (amounts.get(line) ?? new Map<string, string>()).set(day, cents(amount)));
  }
  return aligned([
    ['provider / service', ...days],
    ...[...amounts].map(([line, byDay]) => [line, ...days.map((day) => byDay.get(day) ?? '-')]),
  ]);
}

function cents(amount: string): string {
  const [whole, fraction = ''] = roundDecimal(amount, 2).split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}

/** Names to the left, amounts to the right. */
function aligned(lines: readonly string[][]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  '),
    )
    .map((line) => `  ${line}`)
    .join('\n');
}
