import type { TableWriter } from '@pipelines/pipeline';
import type { SqlDialect } from '../sql/sql-dialect.ts';
import { known } from './known.ts';

const DEFAULT = 'default';

/**
 * The name of the credential that a source row was read with. Rows of an older release do not tell it: they were read with
 * what their pipeline names now.
 * @param told Whether the table has the column.
 */
export function credentialOf(writers: readonly TableWriter[], told: boolean): string {
  const others = writers.filter(({ credentials }) => credentials !== DEFAULT);
  const cases = others.map(({ pipeline, credentials }) => `WHEN '${pipeline}' THEN '${credentials}'`);
  const configured = cases.length === 0 ? [] : [`CASE _pipeline ${cases.join(' ')} END`];
  const parts = [...(told ? ['_credential'] : []), ...configured, `'${DEFAULT}'`];
  return parts.length === 1 ? parts[0]! : `COALESCE(${parts.join(', ')})`;
}

/**
 * The account that a charge is billed to: the provider's own id, and where it is not known the organization's slug, which
 * the name of a credential follows that is not the default one, so that two accounts never become one.
 */
export function billingAccountId(sql: SqlDialect, id: string): string {
  // Without its type, DuckDB cannot tell that of what is put together with it.
  const org = `CAST(${sql.parameter('org')} AS ${sql.type('STRING')})`;
  return `COALESCE(${known(sql, id)}, CASE WHEN _credential = '${DEFAULT}' THEN ${org} ELSE ${org} || '/' || _credential END)`;
}
