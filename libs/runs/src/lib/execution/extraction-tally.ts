import {
  DecimalSum,
  isIncremental,
  type MoneyColumn,
  type MoneyTotal,
  type Row,
  type RunWindow,
  type StagedTotals,
  type TableSchema,
} from '@pipelines/pipeline';

/**
 * Counts what a processor yields, independently of the warehouse, so that the two can be compared. Amounts are
 * rounded as the warehouse rounds them: value by value, before they are summed.
 */
export class ExtractionTally {
  rows = 0;
  rowsOutsideWindow = 0;
  /** By money column, then by currency. */
  private readonly sums = new Map<string, Map<string, DecimalSum>>();
  private readonly windowColumn: string | undefined;
  private readonly moneyColumns: readonly MoneyColumn[];
  /** Rows may be of any day. */
  private readonly incremental: boolean;

  constructor(
    schema: TableSchema,
    private readonly window: RunWindow,
    private readonly decimalScale: number,
  ) {
    this.windowColumn = schema.windowColumn;
    this.moneyColumns = schema.money ?? [];
    this.incremental = isIncremental({ schema });
  }

  /**
   * Passes the batches on, counting each once the warehouse has taken it: a value that no column holds is refused there,
   * by column and row.
   */
  async *count(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
    for await (const batch of batches) {
      yield batch;
      for (const row of batch) this.add(row);
    }
  }

  /** For a query that ran inside the warehouse, where nobody but that can count. */
  adopt({ rows, rowsOutsideWindow, money }: StagedTotals): void {
    this.rows = rows;
    this.rowsOutsideWindow = rowsOutsideWindow;
    for (const { column, currency, sum } of money) this.sumOf(column, currency).add(sum);
  }

  /** Sums per money column and currency. */
  get money(): readonly MoneyTotal[] {
    return [...this.sums].flatMap(([column, byCurrency]) =>
      [...byCurrency].map(([currency, sum]) => ({ column, currency, sum: sum.text })),
    );
  }

  private add(row: Row): void {
    this.rows++;
    if (this.windowColumn !== undefined) {
      const day = row[this.windowColumn];
      if (typeof day !== 'string' || !this.mayBeOf(day)) this.rowsOutsideWindow++;
    }
    for (const { amount, currency } of this.moneyColumns) {
      const value = row[amount];
      if (value === null || value === undefined) continue;
      this.sumOf(amount, String(row[currency])).add(String(value));
    }
  }

  private mayBeOf(day: string): boolean {
    return this.incremental || (day >= this.window.start && day < this.window.end);
  }

  private sumOf(column: string, currency: string): DecimalSum {
    let byCurrency = this.sums.get(column);
    if (!byCurrency) this.sums.set(column, (byCurrency = new Map<string, DecimalSum>()));
    let sum = byCurrency.get(currency);
    if (!sum) byCurrency.set(currency, (sum = new DecimalSum(this.decimalScale)));
    return sum;
  }
}
