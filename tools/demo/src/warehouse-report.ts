import { DuckDBInstance } from '@duckdb/node-api';
import { addDecimals } from '@pipelines/pipeline';

/** One day's cost of one service. The amount is a decimal text. */
export interface ServiceCost {
  readonly day: string;
  readonly provider: string;
  readonly service: string;
  readonly currency: string;
  readonly amount: string;
}

/** What the runs left in the warehouse. */
export interface WarehouseReport {
  readonly costs: readonly ServiceCost[];
  /** Sum of the money column, which keeps 18 fraction digits. */
  readonly total: string;
  /** Sum of the amounts as the provider wrote them, every digit kept. */
  readonly totalAsReceived: string;
  readonly rowCounts: Readonly<Record<string, string>>;
}

/** A line item begins with an optional tier and the product: `priority | gpt-5.6-sol, output`. */
const SERVICE = `split_part(regexp_replace(line_item, '^[a-z]+ \\| ', ''), ', ', 1)`;

/** Reads the cost of each service and day, and the size of each table, from the DuckDB file. */
export async function readWarehouse(path: string, dataset: string, start: string): Promise<WarehouseReport> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const rows = async (sql: string, ...parameters: string[]) =>
      (await connection.runAndReadAll(sql, parameters)).getRowObjectsJson() as Record<string, string>[];
    const costs = await rows(
      `SELECT usage_date::VARCHAR AS day, 'openai' AS provider, ${SERVICE} AS service, currency,
         sum(amount)::VARCHAR AS amount
       FROM ${dataset}.openai_costs WHERE usage_date >= $1::DATE GROUP BY ALL ORDER BY service, day`,
      start,
    );
    const [sum] = await rows(
      `SELECT sum(amount)::VARCHAR AS total FROM ${dataset}.openai_costs WHERE usage_date >= $1::DATE`,
      start,
    );
    const received = await rows(
      `SELECT amount_text FROM ${dataset}.openai_costs WHERE usage_date >= $1::DATE`,
      start,
    );
    const rowCounts: Record<string, string> = {};
    for (const table of ['openai_costs', 'openai_usage_completions', 'gcp_pricing_catalog']) {
      const [count] = await rows(`SELECT count(*)::VARCHAR AS rows FROM ${dataset}.${table}`);
      rowCounts[`${dataset}.${table}`] = count!.rows!;
    }
    return {
      costs: costs as unknown as ServiceCost[],
      total: sum!.total!,
      totalAsReceived: received.reduce((total, { amount_text }) => addDecimals(total, amount_text!), '0'),
      rowCounts,
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
