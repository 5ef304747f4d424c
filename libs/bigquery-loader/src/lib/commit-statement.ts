import { LINEAGE_COLUMNS } from '@pipelines/pipeline';
import { figuresAfter, figuresBefore, provenDiffers } from './commit-figures.ts';
import { enterCommit, LEDGER_TABLE } from './commit-ledger.ts';
import { quoteColumn, quoteTable, stagingTable } from './table-names.ts';
import { ownRows, windowPredicate, type CommittedLoad } from './window-predicate.ts';

/** Parts of the errors by which a commit undoes itself. */
export const REFUSAL = {
  alreadyCommitted: 'the run has committed already',
  mergeKeyNotUnique: 'merge key is not unique',
  receiptMismatch: 'committed rows or sums are not the proven ones',
} as const;

/**
 * The script that moves staging into the target and enters the commit into the ledger: one transaction, whose end is
 * the last that happens, so that a script that succeeded has committed and, unless the ledger tells otherwise, one
 * that failed has not. Parameters, all STRING: `@run_id`, `@attempt`, `@pipeline`, `@credential` (empty for none), `@loaded_at`, `@job_id`, `@proof`.
 */
export function commitStatement(projectId: string, load: CommittedLoad): string {
  const target = quoteTable(projectId, load, load.target.table);
  const staging = quoteTable(projectId, load, stagingTable(load));
  const ledger = quoteTable(projectId, load, LEDGER_TABLE);
  const columns = load.schema.columns.map(({ name }) => quoteColumn(name)).join(', ');
  const lineage = LINEAGE_COLUMNS.map(({ name }) => quoteColumn(name)).join(', ');
  const required = load.everyRow ? ` AND ${load.everyRow()}` : '';
  return [
    'DECLARE committed, replaced INT64 DEFAULT 0;',
    "DECLARE days STRING DEFAULT '[]';",
    'BEGIN TRANSACTION;',
    ...refuseIf(`EXISTS (SELECT 1 FROM ${ledger} WHERE run_id = @run_id)`, REFUSAL.alreadyCommitted),
    ...figuresBefore(target, load),
    ...deletion(target, staging, load),
    `INSERT INTO ${target} (${columns}, ${lineage})`,
    `SELECT ${columns}, @run_id, @pipeline, CAST(@loaded_at AS TIMESTAMP), NULLIF(@credential, '') FROM ${staging};`,
    // A row outside the window was not proven, so it does not count.
    `SET committed = (SELECT COUNT(*) FROM ${target} WHERE _run_id = @run_id AND ${windowPredicate(load)}${required});`,
    ...figuresAfter(target, load),
    ...refuseIf(provenDiffers(load), REFUSAL.receiptMismatch),
    ...enterCommit(ledger, load),
    'COMMIT TRANSACTION;',
  ].join('\n');
}

function refuseIf(condition: string, message: string): string[] {
  return [`IF ${condition} THEN`, `  RAISE USING MESSAGE = '${message}';`, 'END IF;'];
}

/** Removes what the staged rows replace: rows of the load's pipeline only. */
function deletion(target: string, staging: string, load: CommittedLoad): string[] {
  switch (load.target.writeDisposition) {
    case 'append':
      return [];
    case 'replace':
      return [`DELETE FROM ${target} WHERE ${ownRows(load)};`, 'SET replaced = @@row_count;'];
    case 'replace_partitions':
      return [
        `DELETE FROM ${target} WHERE ${ownRows(load)} AND ${windowPredicate(load)};`,
        'SET replaced = @@row_count;',
      ];
    case 'merge':
      return [
        ...refuseIf(
          `EXISTS (SELECT 1 FROM ${staging} GROUP BY ${load.target.mergeKey!.map(quoteColumn).join(', ')} HAVING COUNT(*) > 1)`,
          REFUSAL.mergeKeyNotUnique,
        ),
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
function mergeConditions(load: CommittedLoad): string[] {
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
  const own = ownRows(load, 'target.');
  return prunes ? [windowPredicate(load, 'target.'), own, ...equalities] : [own, ...equalities];
}
