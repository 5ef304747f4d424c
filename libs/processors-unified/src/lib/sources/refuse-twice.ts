import { PipelineError, type DescribedTable, type TableWriter } from '@pipelines/pipeline';
import type { SourceMapping } from './source-mapping.ts';

/**
 * Two pipelines that read the costs of a provider with one credential load one account's costs twice, whatever their
 * tables.
 * @throws PipelineError `configuration_invalid`
 */
export function refuseTwice(
  { provider, costs }: SourceMapping,
  found: readonly DescribedTable[],
  writers: readonly TableWriter[],
): void {
  const tables = new Set(found.map(({ reference }) => reference.table));
  const byCredential = new Map<string, TableWriter>();
  for (const writer of writers) {
    if (writer.processorClass !== costs.processorClass || !tables.has(writer.table)) continue;
    const other = byCredential.get(writer.credentials);
    if (other) throw billedTwice(provider, other, writer);
    byCredential.set(writer.credentials, writer);
  }
}

function billedTwice(provider: string, one: TableWriter, other: TableWriter): PipelineError {
  return new PipelineError(
    'configuration_invalid',
    `${one.pipeline} and ${other.pipeline} load costs of ${provider} with one credential, "${one.credentials}", into ${one.table} and ${other.table}, so that they would be billed twice. Name another credential in one of them, let it load into another dataset, or take it away and drop its rows.`,
    { facts: { pipelines: [one.pipeline, other.pipeline] } },
  );
}
