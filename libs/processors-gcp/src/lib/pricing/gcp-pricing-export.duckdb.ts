import type { PriceSelection } from './price-selection.ts';

/** DuckDB's SQL over a pricing export; the twin of `gcp-pricing-export.bigquery.ts`. */
export const inDuckdb = (selections: readonly PriceSelection[]): string =>
  selections
    .map(
      ({ table, kind, columns, models, tiers, condition }) => `
SELECT
  CAST(pricing_as_of_time AS DATE) AS pricing_date,
  '${kind}' AS price_kind,
  ${columns.join(',\n  ')}
FROM ${table} AS priced${models === undefined ? '' : `, UNNEST(${models}) AS models(model)`}, UNNEST(${tiers}) AS tiers(tier)
WHERE ${condition}`,
    )
    .join('\nUNION ALL');
