import {
  Processor,
  daySpans,
  type DescribedTable,
  type QueryContext,
  type QueryProcessor,
  type ReadWarehouse,
  type RunWindow,
  type StagingQuery,
  type TableReference,
  type TableSchema,
  type WarehouseEngine,
} from '@pipelines/pipeline';
import type { SourceTable } from '../sources/source-mapping.ts';
import { refuseTwice } from '../sources/refuse-twice.ts';
import { SOURCE_MAPPINGS } from '../sources/source-mappings.ts';
import { namedSources } from '../sources/source-tables.ts';
import { dialectOf } from '../sql/dialect-of.ts';
import { FocusUnifiedOptions } from './focus-unified.options.ts';
import { FOCUS_UNIFIED_SCHEMA } from './focus-unified.schema.ts';
import { refuseLoadedTwice } from './refuse-loaded-twice.ts';
import { touchedDays, type FoundTable } from './touched-days.ts';
import { unifiedControl } from './unified-control.ts';
import { unifiedQuery, type FoundSource } from './unified-query.ts';

/** A source is stamped when its load begins and seen when it commits, which may be this much later. */
const LONGEST_LOAD_MS = 24 * 3600 * 1000;

/**
 * Builds the unified table from the tables that the organization's other pipelines have loaded into the same dataset,
 * whatever they are called and however many there are of a provider. One that does not exist adds nothing.
 */
@Processor({
  name: 'FocusUnifiedProcessor',
  module: '@pipelines/processors-unified',
  provider: 'focus',
  options: FocusUnifiedOptions,
})
export class FocusUnifiedProcessor implements QueryProcessor {
  readonly kind = 'query';

  schemaFor(): TableSchema {
    return FOCUS_UNIFIED_SCHEMA;
  }

  sourcesFor(context: Pick<QueryContext, 'target' | 'writers'>): readonly TableReference[] {
    return namedSources(context).map(({ reference }) => reference);
  }

  async queryFor(
    context: Pick<QueryContext, 'org' | 'window' | 'watermark' | 'target' | 'writers'>,
    engine: WarehouseEngine,
    described: readonly (DescribedTable | undefined)[],
    read: ReadWarehouse,
  ): Promise<StagingQuery> {
    const sql = dialectOf(engine);
    const { org, window, watermark, writers } = context;
    const tables = namedSources(context).flatMap(({ source }, index): FoundTable[] => {
      const found = described[index];
      return found ? [{ source, found }] : [];
    });
    const allOf = (table: SourceTable | undefined): readonly DescribedTable[] =>
      tables.filter(({ source }) => source === table).map(({ found }) => found);
    const sources = SOURCE_MAPPINGS.flatMap((mapping): FoundSource[] => {
      const costs = allOf(mapping.costs);
      refuseTwice(mapping, costs, writers);
      return costs.length > 0 ? [{ mapping, costs, usage: allOf(mapping.usage) }] : [];
    });
    let spans: readonly RunWindow[] | undefined;
    if (watermark !== undefined) {
      const loadedAfter = new Date(Date.parse(watermark) - LONGEST_LOAD_MS).toISOString();
      spans = daySpans(window, await touchedDays(sql, tables, loadedAfter, read));
    }
    await refuseLoadedTwice(sql, sources, spans, read);
    return {
      ...unifiedQuery(sql, sources, org, writers, spans),
      control: unifiedControl(sql, sources, spans),
    };
  }
}
