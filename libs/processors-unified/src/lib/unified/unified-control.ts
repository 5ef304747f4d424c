import { inSpans, type RunWindow, type SourceControl } from '@pipelines/pipeline';
import type { SqlDialect } from '../sql/sql-dialect.ts';
import type { FoundSource } from './unified-query.ts';

const GROUPING = {
  // The day twice: the one by which partitions are replaced, and the one that readers of the views add up by.
  by: [
    'ServiceProviderName',
    'x_SourceTable',
    'x_SourcePipeline',
    'x_ChargeDate',
    'ChargePeriodStart',
    'BillingCurrency',
  ],
  sums: ['BilledCost', 'EffectiveCost'],
} as const;

/**
 * Rows and cost of each provider, table, pipeline, day and currency as the source tables have them, for the charges to be held against.
 * @param spans The days that are built; all when absent.
 */
export function unifiedControl(
  sql: SqlDialect,
  sources: readonly FoundSource[],
  spans?: readonly RunWindow[],
): SourceControl | undefined {
  if (sources.length === 0) return undefined;
  const costs = sources.flatMap(({ mapping: { provider, money, costs }, costs: tables }) =>
    tables.map(
      (found) =>
        `SELECT '${provider}' AS provider, '${found.reference.table}' AS source_table, _pipeline AS pipeline, ${costs.day} AS day, ${money.currency} AS currency, CAST(${money.amount} AS ${sql.type('BIGNUMERIC')}) AS cost
  FROM ${found.sqlName} WHERE ${spans === undefined ? 'TRUE' : inSpans(costs.day, spans)}`,
    ),
  );
  const text = (value: string): string => `CAST(${value} AS ${sql.type('STRING')})`;
  return {
    ...GROUPING,
    query: {
      sql: `SELECT provider AS ServiceProviderName, source_table AS x_SourceTable, pipeline AS x_SourcePipeline, ${text('day')} AS x_ChargeDate, ${text('day')} AS ChargePeriodStart,
  currency AS BillingCurrency, ${text('COUNT(*)')} AS row_count, ${text('SUM(cost)')} AS BilledCost, ${text('SUM(cost)')} AS EffectiveCost
FROM (${costs.join('\n  UNION ALL ')}) AS costs
GROUP BY provider, source_table, pipeline, day, currency`,
      parameters: {},
    },
  };
}
