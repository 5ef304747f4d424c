import type { Secret } from '../secret/secret.ts';
import type { Row, TableSchema } from '../warehouse/table-schema.ts';
import type { WarehouseEngine, WarehouseQuery } from '../warehouse/warehouse.ts';
import type { RunWindow } from '../window/run-window.ts';

/** Everything a processor may know of the run it works for. */
export interface ProcessorContext<TOptions extends object = object, TSecret extends object = object> {
  readonly runId: string;
  readonly org: string;
  readonly window: RunWindow;
  /** The validated `processor.options` of the pipeline. */
  readonly options: TOptions;
  /** The organization's decrypted credential for the provider. */
  readonly secret: Secret<TSecret>;
  /** Aborted on cancel, timeout, lost lease and shutdown; every wait and request must heed it. */
  readonly signal: AbortSignal;
}

/** Extracts rows from a provider's API and brings them into the shape of its table. */
export interface RowProcessor<TOptions extends object = object, TSecret extends object = object> {
  readonly kind: 'rows';
  schemaFor(options: TOptions): TableSchema;
  /** Yields batches whose size is bounded by the provider's page, never by the window. */
  extract(context: ProcessorContext<TOptions, TSecret>): AsyncIterable<readonly Row[]>;
}

/** Declares SQL that the warehouse runs; no row passes through this process. */
export interface QueryProcessor<TOptions extends object = object, TSecret extends object = object> {
  readonly kind: 'query';
  schemaFor(options: TOptions): TableSchema;
  queryFor(context: ProcessorContext<TOptions, TSecret>, engine: WarehouseEngine): WarehouseQuery;
}

/** What `processor.class` of a pipeline names. */
export type PipelineProcessor = RowProcessor | QueryProcessor;
