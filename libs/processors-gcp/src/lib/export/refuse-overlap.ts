import { PipelineError, type ReadWarehouse } from '@pipelines/pipeline';
import type { ExportPart, ExportSource } from './export-source.ts';

/**
 * Refuses tables that hold rows of one billing account on one day, as a standard and a detailed export of an account do:
 * all that they have in common would be counted twice.
 * @throws PipelineError `configuration_invalid` naming the account, the day and the tables.
 */
export async function refuseOverlap(
  parts: readonly ExportPart[],
  sources: readonly ExportSource[],
  parameters: Readonly<Record<string, string>>,
  read: ReadWarehouse,
): Promise<void> {
  if (parts.length < 2) return;
  const { dialect } = sources[0]!;
  const days = parts.map(
    ({ table, condition }, index) => `
  SELECT DISTINCT ${sources[index]!.clock} AS account, ${sources[index]!.day} AS day, '${sources[index]!.name}' AS source
  FROM ${table}
  WHERE ${condition}`,
  );
  const [found] = await read({
    sql: `SELECT account, ${dialect.cast('day', 'STRING')} AS day, MIN(source) AS one, MAX(source) AS other
FROM (${days.join('\n  UNION ALL')}
) AS told
WHERE account <> ''
GROUP BY account, day
HAVING COUNT(*) > 1
ORDER BY day DESC
LIMIT 1`,
    parameters,
  });
  if (!found) return;
  throw new PipelineError(
    'configuration_invalid',
    `${found.one} and ${found.other} both hold charges of billing account ${found.account} on ${found.day}, which would be counted twice. Name one export of each account in the gcp credential, standard or detailed, or views that hold different days.`,
    { facts: { tables: [found.one, found.other], account: found.account, day: found.day } },
  );
}
