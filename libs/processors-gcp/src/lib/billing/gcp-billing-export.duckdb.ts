import { DUCKDB } from '../export/duckdb-dialect.ts';
import type { ExportSelection } from '../export/export-selection.ts';

/** DuckDB's SQL over billing exports; the twin of `gcp-billing-export.bigquery.ts`. */
export const inDuckdb = (selections: readonly ExportSelection[]): string => `
SELECT charge.*, CAST(charge.cost + charge.credits_total AS DECIMAL(38,18)) AS net_cost
FROM (${selections.map(charges).join('\n  UNION ALL')}
) AS charge`;

const charges = ({ table, columns, condition }: ExportSelection): string => `
  SELECT
    CAST(usage_start_time AS DATE) AS usage_date,
    CAST(coalesce((
      SELECT sum(${DUCKDB.cast('credit.amount', 'BIGNUMERIC')}) FROM UNNEST(credits) AS c(credit)
    ), 0) AS DECIMAL(38,18)) AS credits_total,
    ${columns.join(',\n    ')}
  FROM ${table}
  WHERE ${condition}`;
