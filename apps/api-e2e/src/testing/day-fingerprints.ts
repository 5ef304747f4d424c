import { createHash } from 'node:crypto';
import type { TestService } from './test-service.ts';

const LINEAGE = ['_run_id', '_pipeline', '_loaded_at', '_credential'];

/**
 * Fingerprint of each day's rows in a table of the warehouse, whatever their order, without what tells of loads.
 * @param day Its DATE column.
 * @param lineage Further columns that tell of loads.
 */
export async function dayFingerprints(
  service: TestService,
  table: string,
  day: string,
  lineage: readonly string[] = [],
): Promise<Map<string, string>> {
  const rows = await service.rows(
    `SELECT day, string_agg(content, chr(10) ORDER BY content) AS content
     FROM (SELECT ${day}::VARCHAR AS day, to_json(t)::VARCHAR AS content FROM (
       SELECT * EXCLUDE (${[...lineage, ...LINEAGE].join(', ')}) FROM ${table}) AS t) GROUP BY day`,
  );
  return new Map(
    rows.map((row) => [row.day!, createHash('sha256').update(row.content!).digest('hex')] as const),
  );
}

/** The days of which the second look tells other rows than the first, oldest first; days that are new do not count. */
export function changedDays(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  return [...before]
    .filter(([day, content]) => after.get(day) !== content)
    .map(([day]) => day)
    .sort();
}
