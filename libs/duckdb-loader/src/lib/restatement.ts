import type { DuckDBConnection } from '@duckdb/node-api';
import { MAX_RESTATED_ENTRIES, type CommitEntry, type SpannedLoad } from '@pipelines/pipeline';
import { ownRows, quoteName, quoteText, targetName, windowPredicate } from './sql-names.ts';

/** Days to be replaced that hold rows of the pipeline, before `replace_partitions` exchanges them. */
export async function readDaysToReplace(connection: DuckDBConnection, load: SpannedLoad): Promise<string[]> {
  if (load.target.writeDisposition !== 'replace_partitions') return [];
  const day = quoteName(load.schema.windowColumn!);
  const found = await connection.runAndReadAll(
    `SELECT DISTINCT CAST(${day} AS VARCHAR) FROM ${targetName(load)} WHERE ${ownRows(load)} AND ${windowPredicate(load)} ORDER BY 1`,
  );
  return found.getRowsJS().flat() as string[];
}

/** Keeps the figures that the pipeline's rows of the target tell, for comparison once it is written. */
export async function rememberFigures(connection: DuckDBConnection, load: SpannedLoad): Promise<void> {
  if (restates(load)) await connection.run(`CREATE OR REPLACE TEMP TABLE figures_before AS ${figures(load)}`);
}

/** The figures that the target tells otherwise than those kept, as the ledger takes them. */
export async function readRestatement(
  connection: DuckDBConnection,
  load: SpannedLoad,
): Promise<Pick<CommitEntry, 'restated' | 'restated_figures'>> {
  if (!restates(load)) return { restated_figures: '0', restated: '[]' };
  const found = await connection.runAndReadAll(`
    WITH figures_after AS (${figures(load)}), restated AS (
      SELECT day, "column", currency, coalesce(old.total, 0) AS "before", coalesce(new.total, 0) AS "after"
      FROM figures_before AS old FULL JOIN figures_after AS new USING (day, "column", currency)
      WHERE day IN (SELECT day FROM figures_before))
    SELECT CAST(day AS VARCHAR) AS day, "column", currency, CAST("before" AS VARCHAR) AS "before",
      CAST("after" AS VARCHAR) AS "after", count(*) OVER () AS figures
    FROM restated WHERE "before" <> "after" ORDER BY day DESC, "column", currency LIMIT ${MAX_RESTATED_ENTRIES}`);
  const rows = found.getRowObjectsJson();
  return {
    restated_figures: String(rows[0]?.figures ?? 0),
    restated: JSON.stringify(rows.map(({ figures: _count, ...figure }) => figure)),
  };
}

function restates({ schema, target }: SpannedLoad): boolean {
  return (
    target.writeDisposition !== 'append' &&
    schema.windowColumn !== undefined &&
    (schema.money ?? []).length > 0
  );
}

/** The sum of each money column per day and currency, of all rows that the commit may change. */
function figures(load: SpannedLoad): string {
  const day = quoteName(load.schema.windowColumn!);
  return load.schema
    .money!.map(
      ({ amount, currency }) =>
        `SELECT ${day} AS day, ${quoteText(amount)} AS "column", coalesce(${quoteName(currency)}, '') AS currency,
           coalesce(sum(${quoteName(amount)}), 0) AS total
         FROM ${targetName(load)} WHERE ${ownRows(load)} AND ${scope(load)} GROUP BY ALL`,
    )
    .join(' UNION ALL ');
}

function scope(load: SpannedLoad): string {
  const { schema, target } = load;
  const insideWindow =
    target.writeDisposition === 'replace_partitions' || target.mergeKey?.includes(schema.windowColumn!);
  return insideWindow ? windowPredicate(load) : 'true';
}
