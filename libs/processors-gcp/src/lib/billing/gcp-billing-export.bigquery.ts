import type { ExportSelection } from '../export/export-selection.ts';

/**
 * GoogleSQL over billing exports. Credits are summed by a correlated sub-select: a join would multiply the rows. Its twin
 * is `gcp-billing-export.duckdb.ts`.
 */
export const inBigQuery = (selections: readonly ExportSelection[]): string => `
SELECT charge.*, charge.cost + charge.credits_total AS net_cost
FROM (${selections.map(charges).join('\n  UNION ALL')}
) AS charge`;

const charges = ({ table, columns, condition }: ExportSelection): string => `
  SELECT
    DATE(usage_start_time) AS usage_date,
    IFNULL((
      SELECT SUM(CAST(CAST(credit.amount AS STRING) AS BIGNUMERIC)) FROM UNNEST(credits) AS credit
    ), 0) AS credits_total,
    ${columns.join(',\n    ')}
  FROM ${table}
  WHERE ${condition}`;
