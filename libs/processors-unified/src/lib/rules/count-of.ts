import type { Load, Warehouse } from '@pipelines/pipeline';

/** The number that a SELECT answers. */
export async function countOf(warehouse: Warehouse, access: Load, select: string): Promise<number> {
  const sql = `SELECT CAST((${select}) AS STRING) AS counted`;
  const [row] = await warehouse.read(access, { sql, parameters: {} });
  return Number(row!.counted);
}
