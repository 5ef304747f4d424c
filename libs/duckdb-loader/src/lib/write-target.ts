import type { DuckDBConnection } from '@duckdb/node-api';
import { LINEAGE_COLUMNS, mergeKeyError, type Load, type SpannedLoad } from '@pipelines/pipeline';
import { nameList, ownRows, quoteName, targetName, windowPredicate } from './sql-names.ts';
import { STAGED_ROWS } from './stage-rows.ts';

/**
 * Applies the write disposition inside the caller's transaction. Of the target's rows only those of the load's pipeline
 * change. Returns how many it removed.
 * @param staging Name of the attached staging database.
 * @throws PipelineError `schema_mismatch` when staged rows share a merge key.
 */
export async function writeTarget(
  connection: DuckDBConnection,
  staging: string,
  load: SpannedLoad,
): Promise<number> {
  const staged = `${quoteName(staging)}.main.${STAGED_ROWS}`;
  const rowsReplaced = await deleteReplaced(connection, staged, load);
  const columns = load.schema.columns.map(({ name }) => name);
  const lineage = LINEAGE_COLUMNS.map(({ name }) => name);
  await connection.run(
    `INSERT INTO ${targetName(load)} (${nameList([...columns, ...lineage])})
     SELECT ${nameList(columns)}, $runId, $pipeline, CAST($loadedAt AS TIMESTAMP), CAST($credential AS VARCHAR)
     FROM ${staged}`,
    {
      runId: load.runId,
      pipeline: load.pipeline,
      loadedAt: load.loadedAt,
      credential: load.sourceCredential ?? null,
    },
  );
  return rowsReplaced;
}

async function deleteReplaced(
  connection: DuckDBConnection,
  staged: string,
  load: SpannedLoad,
): Promise<number> {
  const target = targetName(load);
  const own = ownRows(load);
  switch (load.target.writeDisposition) {
    case 'append':
      return 0;
    case 'replace':
      return (await connection.run(`DELETE FROM ${target} WHERE ${own}`)).rowsChanged;
    case 'replace_partitions':
      return (await connection.run(`DELETE FROM ${target} WHERE ${own} AND ${windowPredicate(load)}`))
        .rowsChanged;
    case 'merge': {
      const keys = load.target.mergeKey!;
      await assertUnique(connection, staged, load, keys);
      // Null-safe: a null in a key equals another null, or a second run would add the row again.
      const matches = keys.map(
        (key) => `target.${quoteName(key)} IS NOT DISTINCT FROM staged.${quoteName(key)}`,
      );
      const deleted = await connection.run(
        `DELETE FROM ${target} AS target USING ${staged} AS staged
         WHERE ${[ownRows(load, 'target.'), ...matches].join(' AND ')}`,
      );
      return deleted.rowsChanged;
    }
  }
}

async function assertUnique(
  connection: DuckDBConnection,
  staged: string,
  { target }: Load,
  keys: readonly string[],
): Promise<void> {
  const found = await connection.runAndReadAll(
    `SELECT 1 FROM ${staged} GROUP BY ${nameList(keys)} HAVING count(*) > 1 LIMIT 1`,
  );
  if (found.currentRowCount > 0) throw mergeKeyError(target);
}
