import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { Column, FittedValue } from '@pipelines/pipeline';
import { columnWriter, type ColumnWriter, type DuckdbModules } from './column-writer.ts';

/** Rows of a full chunk: DuckDB's vector size. */
const CHUNK_ROWS = 2_048;
/** A sixth of one of DuckDB's row groups; left to itself, an appender holds ten times as many back. */
const FLUSH_ROWS = 20_480;

/**
 * Appends rows to a table by way of one chunk that is filled again and again. Chunks that are made anew, as
 * DuckDB's own writer makes them, pile up outside of the JavaScript heap, where the collector does not see how large
 * they are: 100 MB in half a million rows.
 */
export class ChunkAppender {
  private readonly chunk: DuckDBDataChunk;
  private readonly writers: readonly ColumnWriter[];
  private rows = 0;
  private rowsHeld = 0;

  private constructor(
    modules: DuckdbModules,
    private readonly appender: DuckDBAppender,
    columns: readonly Column[],
  ) {
    const { api, bindings } = modules;
    const chunk = api.DuckDBDataChunk.create(columns.map((_, index) => appender.columnType(index)));
    this.chunk = chunk;
    this.writers = columns.map((column, index) =>
      columnWriter(modules, column, bindings.data_chunk_get_vector(chunk.chunk, index), CHUNK_ROWS),
    );
  }

  /** @param columns All columns of the table, in order. */
  static async open(
    connection: DuckDBConnection,
    table: string,
    columns: readonly Column[],
  ): Promise<ChunkAppender> {
    // Imported here: the native library would cost every start of the service 20 MB, used or not.
    const [api, { default: bindings }] = await Promise.all([
      import('@duckdb/node-api'),
      import('@duckdb/node-bindings'),
    ]);
    return new ChunkAppender({ api, bindings }, await connection.createAppender(table), columns);
  }

  /** @param values One for each column. */
  append(values: readonly FittedValue[]): void {
    const row = this.rows++;
    for (let index = 0; index < values.length; index++) this.writers[index]!.write(row, values[index]!);
    if (this.rows === CHUNK_ROWS) this.appendChunk();
  }

  /** Writes what is left. Without it nothing is certain to be in the table. */
  close(): void {
    if (this.rows > 0) this.appendChunk();
    this.appender.closeSync();
  }

  private appendChunk(): void {
    this.chunk.rowCount = this.rows;
    for (const writer of this.writers) writer.flush(this.rows);
    this.appender.appendDataChunk(this.chunk);
    this.chunk.reset();
    this.rowsHeld += this.rows;
    this.rows = 0;
    if (this.rowsHeld < FLUSH_ROWS) return;
    this.appender.flushSync();
    this.rowsHeld = 0;
  }
}
