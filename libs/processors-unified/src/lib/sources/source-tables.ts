import type { QueryContext, TableReference } from '@pipelines/pipeline';
import type { SourceTable } from './source-mapping.ts';
import { SOURCE_MAPPINGS } from './source-mappings.ts';

/** A table to be read, and what it is to a mapping. */
export interface NamedSource {
  readonly source: SourceTable;
  readonly reference: TableReference;
}

/**
 * The tables of every mapping: the one that the shipped pipelines load, and those that other pipelines of the same
 * processor load into the dataset. A table that was loaded by a pipeline which is gone is read by the first rule only.
 */
export function namedSources({
  target: { dataset },
  writers,
}: Pick<QueryContext, 'target' | 'writers'>): readonly NamedSource[] {
  return SOURCE_MAPPINGS.flatMap(({ costs, usage }) => (usage ? [costs, usage] : [costs])).flatMap(
    (source) => {
      const loaded = writers.filter(({ processorClass }) => processorClass === source.processorClass);
      const names = new Set([source.table, ...loaded.map(({ table }) => table)]);
      return [...names].map((table) => ({ source, reference: { dataset, table } }));
    },
  );
}
