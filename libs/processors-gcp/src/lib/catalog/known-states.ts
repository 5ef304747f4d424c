import type { TargetReader } from '@pipelines/pipeline';

/** The state of each SKU in the currency as it was loaded last, by its id. */
export async function knownStates(
  target: TargetReader,
  currency: string,
): Promise<ReadonlyMap<string, string>> {
  const table = await target.describe();
  if (!table?.columns.some(({ path }) => path === 'state')) return new Map();
  const rows = await target.read({
    // The same in GoogleSQL and DuckDB's SQL; the currency is three capital letters.
    sql: `SELECT sku_id, state FROM ${table.sqlName} WHERE currency = '${currency}' AND state IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY sku_id ORDER BY effective_time DESC, tier_start_amount) = 1`,
    parameters: {},
  });
  return new Map(rows.map(({ sku_id, state }) => [sku_id!, state!]));
}
