import type { SourceControl } from '@pipelines/pipeline';
import type { OpenedExports } from '../export/open-exports.ts';

/**
 * Rows, cost and net cost of each usage day and currency as the exports have them, all together. The credits are added up
 * over all rows by themselves, rather than row by row as the query does it.
 */
export function billingControl({ parts, dialect, parameters }: OpenedExports): SourceControl {
  const decimal = (value: string): string => dialect.cast(value, 'BIGNUMERIC');
  const text = (value: string): string => dialect.cast(value, 'STRING');
  const cost = decimal(dialect.field('cost'));
  const credits = dialect.elements(dialect.field('credits'), 'credit');
  const group = `${dialect.day(dialect.field('usage_start_time'))} AS day, ${dialect.field('currency')} AS currency`;
  const amounts = parts.map(
    ({ table, condition }) => `
  SELECT ${group}, 1 AS charges, ${cost} AS cost, ${cost} AS net_cost
  FROM ${table}
  WHERE ${condition}
  UNION ALL
  SELECT ${group}, 0, ${decimal('0')}, ${decimal(dialect.field('credit.amount'))}
  FROM ${table} CROSS JOIN ${credits}
  WHERE ${condition}`,
  );
  return {
    by: ['usage_date', 'currency'],
    sums: ['cost', 'net_cost'],
    query: {
      sql: `
SELECT ${text('day')} AS usage_date, currency, ${text('SUM(charges)')} AS row_count,
  ${text('SUM(cost)')} AS cost, ${text('SUM(net_cost)')} AS net_cost
FROM (${amounts.join('\n  UNION ALL')}
) AS amounts
GROUP BY day, currency`,
      parameters,
    },
  };
}
