import { addDays, type UtcDate } from '@pipelines/pipeline';
import type { ExportColumns } from './export-columns.ts';
import type { ExportKind } from './export-kind.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** Column that BigQuery adds to an export: the day of the append. */
const PARTITION = '_PARTITIONTIME';
/** No export is as old; the filter that a partitioned table may require. */
const FIRST_PARTITION = '2008-01-01';
/** When Google appended a row, and the account by whose clock. */
const EXPORT_TIME = 'export_time';
const ACCOUNT = 'billing_account_id';

/** A table that Cloud Billing fills, as queries name what they read of it. */
export class ExportSource {
  readonly exportTime: string;
  /** The billing account, by whose clock the export time is told. */
  readonly clock: string;
  /** UTC day that a row belongs to. */
  readonly day: string;

  constructor(
    /** `dataset.table`, for people. */
    readonly name: string,
    /** Quoted name. */
    readonly table: string,
    readonly columns: ExportColumns,
    private readonly kind: ExportKind,
    readonly dialect: SqlDialect,
  ) {
    this.exportTime = dialect.field(EXPORT_TIME);
    this.clock = columns.has(ACCOUNT) ? `COALESCE(${dialect.field(ACCOUNT)}, '')` : `''`;
    this.day = dialect.day(dialect.field(kind.instant));
  }

  /** Conditions of the rows that can be loaded. */
  get complete(): readonly string[] {
    return this.kind.requirements.map((requirement) => `NOT (${requirement.missing(this.dialect)})`);
  }

  /**
   * Conditions of constants, by which BigQuery prunes partitions, of the rows that are appended on the day or later; a day
   * is left for clocks. A view may hide when that was.
   * @param day Every row when absent.
   */
  appendedFrom(day: UtcDate | undefined): readonly string[] {
    if (!this.isPartitioned) return [];
    return [`${PARTITION} >= TIMESTAMP '${day === undefined ? FIRST_PARTITION : addDays(day, -1)}'`];
  }

  private get isPartitioned(): boolean {
    return this.columns.has(PARTITION);
  }
}

/** What a run reads of one export. */
export interface ExportPart {
  /** Quoted name. */
  readonly table: string;
  readonly columns: ExportColumns;
  readonly condition: string;
}

/** The conjunction of the conditions. */
export function all(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'TRUE' : conditions.join('\n  AND ');
}
