import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';

type DuckdbApi = typeof import('@duckdb/node-api');

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
  private readonly columns: DuckDBValue[][];
  private rowsHeld = 0;

  private constructor(
    api: DuckdbApi,
    private readonly appender: DuckDBAppender,
  ) {
    const types = Array.from({ length: appender.columnCount }, (_, index) => appender.columnType(index));
    this.chunk = api.DuckDBDataChunk.create(types);
    this.columns = types.map(() => []);
  }

  /** @param api Passed in because it is imported lazily. */
  static async open(api: DuckdbApi, connection: DuckDBConnection, table: string): Promise<ChunkAppender> {
    return new ChunkAppender(api, await connection.createAppender(table));
  }

  /** @param values One for each column. */
  append(values: readonly DuckDBValue[]): void {
    values.forEach((value, index) => this.columns[index]!.push(value));
    if (this.columns[0]!.length === CHUNK_ROWS) this.appendChunk();
  }

  /** Writes what is left. Without it nothing is certain to be in the table. */
  close(): void {
    if (this.columns[0]!.length > 0) this.appendChunk();
    this.appender.closeSync();
  }

  private appendChunk(): void {
    this.chunk.reset();
    this.chunk.setColumns(this.columns);
    this.appender.appendDataChunk(this.chunk);
    this.rowsHeld += this.chunk.rowCount;
    if (this.rowsHeld >= FLUSH_ROWS) {
      this.appender.flushSync();
      this.rowsHeld = 0;
    }
    for (const column of this.columns) column.length = 0;
  }
}
