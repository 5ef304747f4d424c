import type { PriceSelection } from './price-selection.ts';

/** GoogleSQL over a pricing export: the tiers of each kind of price. Its twin is `gcp-pricing-export.duckdb.ts`. */
export const inBigQuery = (selections: readonly PriceSelection[]): string =>
  selections
    .map(
      ({ table, kind, columns, models, tiers, condition }) => `
SELECT
  DATE(pricing_as_of_time) AS pricing_date,
  '${kind}' AS price_kind,
  ${columns.join(',\n  ')}
FROM ${table} AS priced${models === undefined ? '' : `, UNNEST(${models}) AS model`}, UNNEST(${tiers}) AS tier
WHERE ${condition}`,
    )
    .join('\nUNION ALL');
