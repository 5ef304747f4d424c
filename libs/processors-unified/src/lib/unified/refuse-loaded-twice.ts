import { inSpans, PipelineError, type ReadWarehouse, type RunWindow } from '@pipelines/pipeline';
import type { SqlDialect } from '../sql/sql-dialect.ts';
import type { FoundSource } from './unified-query.ts';

/**
 * A day of an account that two pipelines have loaded, or one into two tables, would be billed twice: the pipeline was
 * renamed, or got another table, and its earlier rows are still there. Rows of an older release, which do not tell their
 * credential, are taken as they are.
 * @param spans The days that are built; all when absent.
 * @throws PipelineError `configuration_invalid`
 */
export async function refuseLoadedTwice(
  sql: SqlDialect,
  sources: readonly FoundSource[],
  spans: readonly RunWindow[] | undefined,
  read: ReadWarehouse,
): Promise<void> {
  const loaded = sources.flatMap(({ mapping: { provider, costs }, costs: tables }) =>
    tables
      .filter(({ columns }) => columns.some(({ path }) => path === '_credential'))
      .map(
        ({ reference: { table }, sqlName }) =>
          `SELECT '${provider}' AS provider, _credential AS credential, ${costs.day} AS day, _pipeline || ' in ${table}' AS writer
  FROM ${sqlName} WHERE _credential IS NOT NULL AND ${spans === undefined ? 'TRUE' : inSpans(costs.day, spans)}`,
      ),
  );
  if (loaded.length === 0) return;
  const [twice] = await read({
    sql: `SELECT provider, credential, CAST(day AS ${sql.type('STRING')}) AS day, MIN(writer) AS one, MAX(writer) AS other
FROM (${loaded.join('\n  UNION ALL ')}) AS loaded
GROUP BY provider, credential, day HAVING MIN(writer) <> MAX(writer) ORDER BY day DESC LIMIT 1`,
    parameters: {},
  });
  if (!twice) return;
  const { provider, credential, day, one, other } = twice;
  throw new PipelineError(
    'configuration_invalid',
    `Costs of ${provider} of ${day} that were read with the credential "${credential}" are there twice, from ${one} and from ${other}, and would be billed twice. Delete the rows of the pipeline or table that is no longer in use ("Several accounts" in docs/pipelines.md has the statement).`,
    { facts: { day, writers: [one, other] } },
  );
}
