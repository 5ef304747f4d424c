import { LINEAGE_COLUMNS, type Column, type TableSchema, type TableWriter } from '@pipelines/pipeline';
import type { QueryGolden, RowText, SourceTable } from '@pipelines/pipeline/testing';
import { FOCUS_UNIFIED_SCHEMA, FocusUnifiedProcessor } from '@pipelines/processors-unified';

const NOTHING = Object.fromEntries(FOCUS_UNIFIED_SCHEMA.columns.map(({ name }) => [name, null]));

/** A row of the unified table; what is not told is null. */
function aUnifiedRow(told: RowText): RowText {
  return { ...NOTHING, ...told };
}

/** The unified query over these source tables alone, and the rows that it must give. */
export function aUnifiedGolden(
  {
    watermark,
    writers = [],
    ...golden
  }: Pick<QueryGolden, 'window' | 'sources' | 'controlled'> & {
    readonly watermark?: string;
    readonly writers?: readonly TableWriter[];
  },
  expected: readonly RowText[],
): QueryGolden {
  const processor = new FocusUnifiedProcessor();
  const { window, sources } = golden;
  return {
    ...golden,
    schema: FOCUS_UNIFIED_SCHEMA,
    query: (engine, dataset, found, read) => {
      const target = { dataset, table: 'golden', writeDisposition: 'replace' } as const;
      const described = processor
        .sourcesFor({ target, writers })
        .map(({ table }) => found[sources.findIndex((source) => source.table === table)]);
      return processor.queryFor({ org: 'acme', window, watermark, target, writers }, engine, described, read);
    },
    expected: expected.map(aUnifiedRow),
  };
}

/** A source table with the columns that its pipeline declares, and the lineage that every load adds. */
export function aSource(
  table: string,
  { columns }: Pick<TableSchema, 'columns'>,
  rows: SourceTable['rows'],
): SourceTable {
  return { table, fields: [...columns, ...LINEAGE_COLUMNS].map(toField), rows };
}

function toField({ name, type, mode, fields }: Column): SourceTable['fields'][number] {
  return { name, type, repeated: mode === 'REPEATED', fields: fields?.map(toField) };
}
