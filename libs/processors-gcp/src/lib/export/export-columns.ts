import { PipelineError, type Column, type DescribedTable, type ScalarType } from '@pipelines/pipeline';
import type { SqlDialect } from './sql-dialect.ts';

/** An element of an array at a path. */
export interface ArrayElement {
  /** As the query calls it. */
  readonly name: string;
  readonly within: string;
}

/** The columns of an export, of which older ones have fewer. */
export class ExportColumns {
  private readonly paths: ReadonlySet<string>;

  constructor(
    private readonly table: DescribedTable,
    private readonly dialect: SqlDialect,
  ) {
    this.paths = new Set(table.columns.map(({ path }) => path.toLowerCase()));
  }

  has(path: string): boolean {
    return this.paths.has(path.toLowerCase());
  }

  /**
   * @param kind What the table should be, for people: "a billing export".
   * @throws PipelineError `source_not_found` naming the columns without which it is none.
   */
  require(kind: string, paths: readonly string[]): void {
    const missing = paths.filter((path) => !this.has(path));
    if (missing.length === 0) return;
    const { dataset, table } = this.table.reference;
    throw new PipelineError(
      'source_not_found',
      `${dataset}.${table} is not ${kind}: it has no column ${missing.join(', ')}. Store the gcp credential with the name of the right table.`,
      { facts: { table: `${dataset}.${table}`, missing } },
    );
  }

  /**
   * The value at the path as the column's type; null where the export lacks it, none for an array.
   * @param element Where the path begins, when not with the row.
   */
  value(path: string, column: Column, element?: ArrayElement): string {
    const known = this.has(element ? `${element.within}.${path}` : path);
    const expression = this.dialect.field(element ? `${element.name}.${path}` : path);
    if (column.mode === 'REPEATED') {
      return known ? this.array(path, expression, column) : this.dialect.emptyArray(column);
    }
    return this.dialect.cast(known ? expression : 'NULL', column.type as ScalarType);
  }

  private array(path: string, array: string, { name, fields }: Column): string {
    if (fields === undefined) return array;
    const element = `${name}_element`;
    return this.dialect.structs(
      array,
      element,
      fields.map((field) => [field.name, this.value(field.name, field, { name: element, within: path })]),
    );
  }
}
