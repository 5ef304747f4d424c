import type { QueryGolden, RowText, SourceTable } from '@pipelines/pipeline/testing';
import { FOCUS_UNIFIED_SCHEMA, FocusUnifiedProcessor } from '@pipelines/processors-unified';

const NOTHING = Object.fromEntries(FOCUS_UNIFIED_SCHEMA.columns.map(({ name }) => [name, null]));

/** A row of the unified table; what is not told is null. */
function aUnifiedRow(told: RowText): RowText {
  return { ...NOTHING, ...told };
}

/** The unified query over these source tables alone, and the rows that it must give. */
export function aUnifiedGolden(
  { window, sources, watermark }: Pick<QueryGolden, 'window' | 'sources'> & { readonly watermark?: string },
  expected: readonly RowText[],
): QueryGolden {
  const processor = new FocusUnifiedProcessor();
  return {
    schema: FOCUS_UNIFIED_SCHEMA,
    window,
    sources,
    query: (engine, dataset, found, read) => {
      const target = { dataset, table: 'golden', writeDisposition: 'replace' } as const;
      const described = processor
        .sourcesFor({ target })
        .map(({ table }) => found[sources.findIndex((source) => source.table === table)]);
      return processor.queryFor({ org: 'acme', window, watermark }, engine, described, read);
    },
    expected: expected.map(aUnifiedRow),
  };
}

/** A source table with the lineage that every load adds. */
export function aSource(
  table: string,
  fields: SourceTable['fields'],
  rows: SourceTable['rows'],
): SourceTable {
  return {
    table,
    fields: [
      ...fields,
      { name: '_run_id', type: 'STRING' },
      { name: '_pipeline', type: 'STRING' },
      { name: '_loaded_at', type: 'TIMESTAMP' },
    ],
    rows,
  };
}

/** The fields of names and one type. */
export function fieldsOf(
  types: Readonly<Record<string, SourceTable['fields'][number]['type']>>,
): SourceTable['fields'] {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}
