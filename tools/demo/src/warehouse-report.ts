import { DuckDBInstance } from '@duckdb/node-api';

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
  /** Of the unified table. */
  readonly costs: readonly ServiceCost[];
  readonly rowCounts: Readonly<Record<string, string>>;
}

/** Reads the cost of each provider, service and day, and the size of each table, from the DuckDB file. */
export async function readWarehouse(
  path: string,
  dataset: string,
  { start_date, end_date }: { readonly start_date: string; readonly end_date: string },
): Promise<WarehouseReport> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    try {
      const rows = async (sql: string, ...parameters: string[]) =>
        (await connection.runAndReadAll(sql, parameters)).getRowObjectsJson() as Record<string, string>[];
      const costs = await rows(
        `SELECT x_ChargeDate::VARCHAR AS day, ServiceProviderName AS provider, ServiceName AS service,
           BillingCurrency AS currency, sum(BilledCost)::VARCHAR AS amount
         FROM ${dataset}.focus_cost_and_usage
         WHERE x_ChargeDate >= $1::DATE AND x_ChargeDate < $2::DATE
         GROUP BY ALL ORDER BY provider, service, currency, day`,
        start_date,
        end_date,
      );
      const tables = await rows(
        `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = '${dataset}' ORDER BY name`,
      );
      const rowCounts: Record<string, string> = {};
      for (const { name } of tables) {
        const [count] = await rows(`SELECT count(*)::VARCHAR AS rows FROM ${dataset}.${name}`);
        rowCounts[`${dataset}.${name}`] = count!.rows!;
      }
      return { costs: costs as unknown as ServiceCost[], rowCounts };
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
