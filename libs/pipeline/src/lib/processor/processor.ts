import type { Secret } from '../secret/secret.ts';
import type { DescribedTable, TableReference } from '../warehouse/described-table.ts';
import type { StagingQuery } from '../warehouse/source-control.ts';
import type { Row, TableSchema } from '../warehouse/table-schema.ts';
import type { Watermarks } from '../warehouse/watermarks.ts';
import type { LoadTarget, ReadWarehouse, WarehouseEngine } from '../warehouse/warehouse.ts';
import type { RunWindow } from '../window/run-window.ts';
import type { LeftOut } from './left-out.ts';

/** Everything a processor may know of the run it works for. */
export interface ProcessorContext<TOptions extends object = object, TSecret extends object = object> {
  readonly runId: string;
  readonly org: string;
  readonly window: RunWindow;
  /** The validated `processor.options` of the pipeline. */
  readonly options: TOptions;
  /** The organization's decrypted credential for the provider. */
  readonly secret: Secret<TSecret>;
  /** Its name; an organization may have several for a provider. */
  readonly credentialName: string;
  /**
   * Of a table with a watermark column: the latest one that was loaded, exactly as the source has it
   * (`2026-11-01T00:00:00.000000Z`). What is newer has to be loaded, with all rows of its days. Absent when nothing was
   * loaded yet, and everything has to be.
   */
  readonly watermark?: string;
  /** Of a table with several clocks, in place of that: the latest one of each clock that rows were loaded of. */
  readonly watermarks?: Watermarks;
  /** Records the optional parts that the run does without. */
  readonly leftOut: LeftOut;
  /** Aborted on cancel, timeout, lost lease and shutdown; every wait and request must heed it. */
  readonly signal: AbortSignal;
}

/** How long the answer of a provider is waited for. */
export interface RequestBounds {
  readonly signal: AbortSignal;
  /** Whether the run can do without the answer, so that the others do not wait for it. Default false. */
  readonly optional?: boolean;
}

/** Whose credential a request to the provider uses, and how long its answer is waited for. */
export type ProviderAccess<TSecret extends object = object> = Pick<
  ProcessorContext<object, TSecret>,
  'org' | 'credentialName' | 'secret'
> &
  RequestBounds;

/** What reading from a provider needs to know of the run, optional parts included. */
export type ProviderReading<TSecret extends object = object> = ProviderAccess<TSecret> &
  Pick<ProcessorContext, 'leftOut'>;

/** The pipeline's own rows in the target as they are before the run, for a processor that yields only what differs. */
export interface TargetReader {
  readonly engine: WarehouseEngine;
  /** Of a `merge`: the columns by which its rows replace earlier ones. */
  readonly mergeKey?: readonly string[];
  /** The target, with the pipeline's own rows under its SQL name. Undefined as long as there is no such table. */
  describe(): Promise<DescribedTable | undefined>;
  readonly read: ReadWarehouse;
}

/** Extracts rows from a provider's API and brings them into the shape of its table. */
export interface RowProcessor<TOptions extends object = object, TSecret extends object = object> {
  readonly kind: 'rows';
  schemaFor(options: TOptions): TableSchema;
  /** Yields batches whose size is bounded by the provider's page, never by the window. */
  extract(context: ProcessorContext<TOptions, TSecret>, target: TargetReader): AsyncIterable<readonly Row[]>;
}

/** A pipeline of the catalog, and the table that it loads for the organization. */
export interface TableWriter {
  /** `provider/domain/name`, which its rows carry in `_pipeline`. */
  readonly pipeline: string;
  /** Name of its processor, which says what shape the table has. */
  readonly processorClass: string;
  readonly table: string;
  /** Name of the credential that it reads with. */
  readonly credentials: string;
}

/** What a query processor knows beside: where its rows go, for the organization's other tables lie there as well. */
export interface QueryContext<
  TOptions extends object = object,
  TSecret extends object = object,
> extends ProcessorContext<TOptions, TSecret> {
  readonly target: LoadTarget;
  /** Every pipeline that loads into the target's dataset, the processor's own included, in the order of their paths. */
  readonly writers: readonly TableWriter[];
  /** The target, with the pipeline's own rows under its SQL name, where an incremental load goes on from a watermark. */
  readonly loaded?: DescribedTable;
}

/** Declares SQL that the warehouse runs; no row passes through this process. */
export interface QueryProcessor<TOptions extends object = object, TSecret extends object = object> {
  readonly kind: 'query';
  schemaFor(options: TOptions): TableSchema;
  /** The tables that the query may read, which are looked up before it is asked for. */
  sourcesFor(context: QueryContext<TOptions, TSecret>): readonly TableReference[];
  /**
   * The query, and where there is another way to tell what its sources hold, a control of it: for the same rows of them,
   * but from nothing that the query makes of these.
   * @param sources In the order of `sourcesFor`; undefined in the place of one that does not exist.
   * @param read For what has to be known before the query can be written, such as days to be named as constants.
   * @throws PipelineError `source_not_found` when it cannot do without it.
   */
  queryFor(
    context: QueryContext<TOptions, TSecret>,
    engine: WarehouseEngine,
    sources: readonly (DescribedTable | undefined)[],
    read: ReadWarehouse,
  ): StagingQuery | Promise<StagingQuery>;
}

/** What `processor.class` of a pipeline names. */
export type PipelineProcessor = RowProcessor | QueryProcessor;
