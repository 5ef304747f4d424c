import type { DuckDBValue } from '@duckdb/node-api';
import type { Vector } from '@duckdb/node-bindings';
import { unscaledDecimal, type Column, type FittedValue } from '@pipelines/pipeline';
import { DECIMAL_SIZES } from './column-types.ts';
import { dayNumber, microseconds, toDuckdbValue } from './duckdb-value.ts';

/** DuckDB's API and the one below it that fills vectors in bulk; passed in because they are imported lazily. */
export interface DuckdbModules {
  readonly api: typeof import('@duckdb/node-api');
  readonly bindings: typeof import('@duckdb/node-bindings');
}

/** Fills one column of a chunk, row after row. */
export interface ColumnWriter {
  write(row: number, value: FittedValue): void;
  /** Hands the rows over to the chunk, which was reset since the last time. */
  flush(rows: number): void;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * The writer of a column. Single values go to where DuckDB takes them from at once: kept as objects until the chunk is
 * full, they would outlive V8's young generation, and moving them about took more time than all the rest of a load.
 * @param vector The column's part of the chunk.
 * @param capacity Rows of a full chunk.
 */
export function columnWriter(
  modules: DuckdbModules,
  column: Column,
  vector: Vector,
  capacity: number,
): ColumnWriter {
  const { type } = column;
  if (column.mode === 'REPEATED' || type === 'STRUCT') return new NestedWriter(modules, column, vector);
  const { bindings } = modules;
  const validity = new Validity(bindings, vector, capacity);
  const fixed = (cells: Cells, set: (row: number, value: NonNullable<FittedValue>) => void) =>
    new FixedWidthWriter(bindings, vector, validity, cells, cells.byteLength / capacity, set);
  switch (type) {
    case 'STRING':
    case 'JSON':
      return new TextWriter(bindings, vector, validity, capacity);
    case 'DATE': {
      const days = new Int32Array(capacity);
      const dayOf = rememberingLast(dayNumber);
      return fixed(days, (row, value) => (days[row] = dayOf(value as string)));
    }
    case 'TIMESTAMP': {
      const instants = new BigInt64Array(capacity);
      const instantOf = rememberingLast(microseconds);
      return fixed(instants, (row, value) => (instants[row] = instantOf(value as string)));
    }
    case 'INT64': {
      const integers = new BigInt64Array(capacity);
      return fixed(integers, (row, value) => (integers[row] = value as bigint));
    }
    case 'BOOL': {
      const bytes = new Uint8Array(capacity);
      return fixed(bytes, (row, value) => (bytes[row] = Number(value)));
    }
    case 'NUMERIC':
    case 'BIGNUMERIC': {
      // 128 bits each, the lower half first.
      const halves = new BigInt64Array(capacity * 2);
      const { scale } = DECIMAL_SIZES[type];
      return fixed(halves, (row, value) => {
        const units = unscaledDecimal(value as string, scale);
        halves[row * 2] = BigInt.asIntN(64, units);
        // Most fit into the lower half; a shift would make another bigint of each.
        const isShort = units >= INT64_MIN && units <= INT64_MAX;
        halves[row * 2 + 1] = isShort ? (units < 0n ? -1n : 0n) : units >> 64n;
      });
    }
  }
}

/** Rows of one day or instant follow each other. */
function rememberingLast<T>(read: (text: string) => T): (text: string) => T {
  let lastText: string | undefined;
  let last: T;
  return (text) => {
    if (text !== lastText) {
      last = read(text);
      lastText = text;
    }
    return last;
  };
}

type Bindings = DuckdbModules['bindings'];

/** Which rows of a column hold a value: a bit each, cleared for null. */
class Validity {
  private readonly bits: Uint8Array<ArrayBuffer>;
  private hasNulls = false;

  constructor(
    private readonly bindings: Bindings,
    private readonly vector: Vector,
    capacity: number,
  ) {
    this.bits = new Uint8Array(capacity / 8).fill(0xff);
  }

  setNull(row: number): void {
    this.hasNulls = true;
    this.bits[row >> 3]! &= ~(1 << (row & 7));
  }

  flush(): void {
    if (!this.hasNulls) return;
    this.bindings.vector_ensure_validity_writable(this.vector);
    this.bindings.copy_data_to_vector_validity(this.vector, 0, this.bits.buffer, 0, this.bits.byteLength);
    this.bits.fill(0xff);
    this.hasNulls = false;
  }
}

type Cells = (Uint8Array | Int32Array | BigInt64Array) & { readonly buffer: ArrayBuffer };

/** Values that all take the same number of bytes. */
class FixedWidthWriter implements ColumnWriter {
  constructor(
    private readonly bindings: Bindings,
    private readonly vector: Vector,
    private readonly validity: Validity,
    private readonly cells: Cells,
    private readonly width: number,
    private readonly set: (row: number, value: NonNullable<FittedValue>) => void,
  ) {}

  write(row: number, value: FittedValue): void {
    if (value === null) this.validity.setNull(row);
    else this.set(row, value);
  }

  flush(rows: number): void {
    this.bindings.copy_data_to_vector(this.vector, 0, this.cells.buffer, 0, rows * this.width);
    this.validity.flush();
  }
}

/** Distinct texts of a column of a chunk past which the others are taken for distinct, too. */
const MOST_SHARED = 256;
/** What DuckDB keeps of a text in its row: four 32-bit words, of which the last two point to a text of more than 12 bytes. */
const TEXT_WORDS = 4;

/**
 * Texts. A call per text would take longer than parsing the row did, and few columns have many different ones: the first
 * row of a text hands it over, and those that follow take over what DuckDB made of it. A text belongs to its chunk, which
 * may point to it as often as it likes.
 */
class TextWriter implements ColumnWriter {
  private readonly firstRows = new Map<string, number>();
  /** For each row, the one that its text was handed over by. */
  private readonly sources: Uint16Array;
  private shares = false;

  constructor(
    private readonly bindings: Bindings,
    private readonly vector: Vector,
    private readonly validity: Validity,
    capacity: number,
  ) {
    this.sources = new Uint16Array(capacity);
  }

  write(row: number, value: FittedValue): void {
    this.sources[row] = row;
    if (value === null) {
      this.validity.setNull(row);
      return;
    }
    const text = value as string;
    const first = this.firstRows.get(text);
    if (first === undefined) {
      this.bindings.vector_assign_string_element(this.vector, row, text);
      if (this.firstRows.size < MOST_SHARED) this.firstRows.set(text, row);
    } else {
      this.sources[row] = first;
      this.shares = true;
    }
  }

  flush(rows: number): void {
    if (this.shares) this.share(rows);
    this.firstRows.clear();
    this.shares = false;
    this.validity.flush();
  }

  private share(rows: number): void {
    const copy = this.bindings.vector_get_data(this.vector, rows * TEXT_WORDS * 4);
    const words = new Uint32Array(copy.buffer as ArrayBuffer, copy.byteOffset, rows * TEXT_WORDS);
    for (let row = 0; row < rows; row++) {
      const source = this.sources[row]!;
      if (source === row) continue;
      for (let word = 0; word < TEXT_WORDS; word++)
        words[row * TEXT_WORDS + word] = words[source * TEXT_WORDS + word]!;
    }
    this.bindings.copy_data_to_vector(this.vector, 0, words.buffer, words.byteOffset, words.byteLength);
  }
}

/** Arrays and structs, by way of DuckDB's own values. */
class NestedWriter implements ColumnWriter {
  private readonly values: DuckDBValue[] = [];

  constructor(
    private readonly modules: DuckdbModules,
    private readonly column: Column,
    private readonly vector: Vector,
  ) {}

  write(_row: number, value: FittedValue): void {
    this.values.push(toDuckdbValue(this.modules.api, this.column, value));
  }

  flush(rows: number): void {
    const vector = this.modules.api.DuckDBVector.create(this.vector, rows);
    for (const [row, value] of this.values.entries()) vector.setItem(row, value);
    vector.flush();
    this.values.length = 0;
  }
}
