import { PipelineError } from '../errors/pipeline-error.ts';
import { shorten } from '../errors/shorten.ts';
import { redactSecrets } from '../secret/redact-secrets.ts';
import type { Load, TextRow } from './warehouse.ts';

/**
 * The `duplicate_rows` of staged rows that share the natural key of their table.
 * @param example A key that several of them have, its values as texts by column.
 */
export function duplicateRowsError({ schema, target }: Load, example: TextRow): PipelineError {
  const { naturalKey = [] } = schema;
  const table = `${target.dataset}.${target.table}`;
  const key = naturalKey.map((name) => `${name} ${shown(example[name])}`).join(', ');
  return new PipelineError(
    'duplicate_rows',
    `Several rows for ${table} share one natural key: ${key}. They would be counted twice; the target was not touched. Run again; if they come again, report to the provider that it sends rows twice, or add to the processor's natural key the column that tells them apart.`,
    { facts: { table, natural_key: naturalKey } },
  );
}

/** A key is made of ids and labels; what looks like a credential came there by mistake. */
function shown(value: string | null | undefined): string {
  return value === null || value === undefined ? 'null' : shorten(redactSecrets(value));
}
