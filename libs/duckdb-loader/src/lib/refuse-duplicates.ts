import type { DuckDBConnection } from '@duckdb/node-api';
import { duplicateRowsError, type Load } from '@pipelines/pipeline';
import { nameList, quoteName } from './sql-names.ts';

/** Far more than keys that differ will ever share: two of them have one hash of 64 bits once in a billion rows. */
const HASHES_COMPARED = 1_000;

/**
 * Refuses staged rows that share the natural key of their table. Grouped is by a hash of the key, which DuckDB can do
 * with more rows than memory holds, unlike by the key itself; only rows whose hash comes again have their keys compared.
 * @throws PipelineError `duplicate_rows`.
 */
export async function refuseDuplicates(
  connection: DuckDBConnection,
  load: Load,
  table: string,
): Promise<void> {
  const { naturalKey } = load.schema;
  if (naturalKey === undefined) return;
  const key = nameList(naturalKey);
  const texts = naturalKey.map((name) => `CAST(${quoteName(name)} AS VARCHAR)`);
  const found = await connection.runAndReadAll(
    `SELECT ${texts.join(', ')} FROM ${table}
     WHERE hash(${key}) IN (
       SELECT hash(${key}) AS key_hash FROM ${table} GROUP BY key_hash HAVING count(*) > 1 LIMIT ${HASHES_COMPARED})
     GROUP BY ${key} HAVING count(*) > 1 LIMIT 1`,
  );
  const [example] = found.getRowsJS() as (string | null)[][];
  if (!example) return;
  throw duplicateRowsError(
    load,
    Object.fromEntries(naturalKey.map((name, index) => [name, example[index]!])),
  );
}
