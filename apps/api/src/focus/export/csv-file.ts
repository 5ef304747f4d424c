import { open, type FileHandle } from 'node:fs/promises';
import type { TextRow } from '@pipelines/pipeline';

/** A CSV file (RFC 4180) with a header. A null is an empty field; a text is quoted where it must be, or is empty. */
export class CsvFile {
  rows = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly columns: readonly string[],
  ) {}

  /** Creates the file, in the place of one that is there. */
  static async create(path: string, columns: readonly string[]): Promise<CsvFile> {
    const file = await open(path, 'w');
    try {
      await file.appendFile(lineOf(columns));
    } catch (error) {
      await file.close();
      throw error;
    }
    return new CsvFile(file, columns);
  }

  /** Writes a batch of rows, of which the text is held in memory. */
  async append(rows: readonly TextRow[]): Promise<void> {
    this.rows += rows.length;
    await this.file.appendFile(
      rows.map((row) => lineOf(this.columns.map((name) => row[name] ?? null))).join(''),
    );
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

function lineOf(values: readonly (string | null)[]): string {
  return `${values.map(fieldOf).join(',')}\r\n`;
}

function fieldOf(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
