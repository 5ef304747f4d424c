import { LINEAGE_COLUMNS, parseUtcDate, type Load } from '@pipelines/pipeline';
import { quoteColumn, quoteTable, stagingTable } from './table-names.ts';

/** Part of the error of a commit whose staged rows share a merge key. */
export const MERGE_KEY_NOT_UNIQUE = 'merge key is not unique';

/**
 * The script that moves staging into the target: one transaction, then its counts as text in `committed` and
 * `replaced`. Parameters: `@run_id`, `@pipeline`, `@loaded_at`.
 */
export function commitStatement(projectId: string, load: Load): string {
  const target = quoteTable(projectId, load, load.target.table);
  const staging = quoteTable(projectId, load, stagingTable(load));
  const columns = load.schema.columns.map(({ name }) => quoteColumn(name)).join(', ');
  const lineage = LINEAGE_COLUMNS.map(({ name }) => quoteColumn(name)).join(', ');
  return [
    'DECLARE replaced, committed INT64 DEFAULT 0;',
    ...assertion(staging, load),
    'BEGIN TRANSACTION;',
    ...deletion(target, staging, load),
    `INSERT INTO ${target} (${columns}, ${lineage})`,
    `SELECT ${columns}, @run_id, @pipeline, CAST(@loaded_at AS TIMESTAMP) FROM ${staging};`,
    'SET committed = @@row_count;',
    'COMMIT TRANSACTION;',
    'SELECT CAST(committed AS STRING) AS committed, CAST(replaced AS STRING) AS replaced;',
  ].join('\n');
}

/** The window as a predicate of constants: BigQuery prunes partitions by nothing else. */
export function windowPredicate({ schema, window }: Load, prefix = ''): string {
  const day = prefix + quoteColumn(schema.windowColumn!);
  return `${day} >= ${dateLiteral(window.start)} AND ${day} < ${dateLiteral(window.end)}`;
}

function dateLiteral(date: string): string {
  return `DATE '${parseUtcDate(date, 'window')}'`;
}

function assertion(staging: string, { target }: Load): string[] {
  if (target.writeDisposition !== 'merge') return [];
  const keys = target.mergeKey!.map(quoteColumn).join(', ');
  return [
    `ASSERT NOT EXISTS (SELECT 1 FROM ${staging} GROUP BY ${keys} HAVING COUNT(*) > 1) AS '${MERGE_KEY_NOT_UNIQUE}';`,
  ];
}

function deletion(target: string, staging: string, load: Load): string[] {
  switch (load.target.writeDisposition) {
    case 'append':
      return [];
    case 'replace':
      return [`DELETE FROM ${target} WHERE TRUE;`, 'SET replaced = @@row_count;'];
    case 'replace_partitions':
      return [`DELETE FROM ${target} WHERE ${windowPredicate(load)};`, 'SET replaced = @@row_count;'];
    case 'merge':
      return [
        `MERGE ${target} AS target USING ${staging} AS staged`,
        `ON ${mergeConditions(load).join(' AND ')}`,
        'WHEN MATCHED THEN DELETE;',
        'SET replaced = @@row_count;',
      ];
  }
}

/**
 * A nullable key is compared by its JSON text: null equals null, `"null"` differs, and the comparison stays an
 * equality, which BigQuery can join by hash. Where the key holds the window column, no row outside can match.
 */
function mergeConditions(load: Load): string[] {
  const { columns, windowColumn } = load.schema;
  const keys = load.target.mergeKey!;
  const required = new Set(columns.filter(({ mode }) => mode === 'REQUIRED').map(({ name }) => name));
  const equalities = keys.map((key) => {
    const [target, staged] = [`target.${quoteColumn(key)}`, `staged.${quoteColumn(key)}`];
    return required.has(key)
      ? `${target} = ${staged}`
      : `TO_JSON_STRING(${target}) = TO_JSON_STRING(${staged})`;
  });
  const prunes = windowColumn !== undefined && keys.includes(windowColumn);
  return prunes ? [windowPredicate(load, 'target.'), ...equalities] : equalities;
}
