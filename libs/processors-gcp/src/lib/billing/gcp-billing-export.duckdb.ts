import type { ExportSelection } from '../export/export-selection.ts';

/** DuckDB's SQL over a billing export; the twin of `gcp-billing-export.bigquery.ts`. */
export const inDuckdb = ({ table, columns, condition }: ExportSelection): string => `
SELECT charge.*, CAST(charge.cost + charge.credits_total AS DECIMAL(38,18)) AS net_cost
FROM (
  SELECT
    CAST(usage_start_time AS DATE) AS usage_date,
    CAST(coalesce((
      SELECT sum(CAST(CAST(credit.amount AS VARCHAR) AS DECIMAL(38,18))) FROM UNNEST(credits) AS c(credit)
    ), 0) AS DECIMAL(38,18)) AS credits_total,
    ${columns.join(',\n    ')}
  FROM ${table}
  WHERE ${condition}
) AS charge`;
