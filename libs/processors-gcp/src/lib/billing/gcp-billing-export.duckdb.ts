import { DUCKDB } from '../export/duckdb-dialect.ts';
import type { ExportSelection } from '../export/export-selection.ts';

/**
 * DuckDB's SQL over billing exports; the twin of `gcp-billing-export.bigquery.ts`. A sub-select over the credits would take
 * three times as long.
 */
export const inDuckdb = (selections: readonly ExportSelection[]): string => `
SELECT charge.*, CAST(charge.cost + charge.credits_total AS DECIMAL(38,18)) AS net_cost
FROM (${selections.map(charges).join('\n  UNION ALL')}
) AS charge`;

const charges = ({ table, columns, condition }: ExportSelection): string => `
  SELECT
    CAST(usage_start_time AS DATE) AS usage_date,
    CAST(coalesce(list_sum(list_transform(
      credits, lambda credit: CAST(${DUCKDB.cast('credit.amount', 'BIGNUMERIC')} AS DECIMAL(38,18))
    )), 0) AS DECIMAL(38,18)) AS credits_total,
    ${columns.join(',\n    ')}
  FROM ${table}
  WHERE ${condition}`;
