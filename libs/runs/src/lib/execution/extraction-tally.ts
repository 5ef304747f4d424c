import {
  addDecimals,
  roundDecimal,
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
  private readonly sums = new Map<string, MoneyTotal>();

  constructor(
    private readonly schema: TableSchema,
    private readonly window: RunWindow,
    private readonly decimalScale: number,
  ) {}

  /** Passes the batches on, counting them. */
  async *count(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
    for await (const batch of batches) {
      for (const row of batch) this.add(row);
      yield batch;
    }
  }

  /** For a query that ran inside the warehouse: what it staged is what was extracted. */
  adopt({ rows, rowsOutsideWindow, money }: StagedTotals): void {
    this.rows = rows;
    this.rowsOutsideWindow = rowsOutsideWindow;
    for (const total of money) this.sums.set(keyOf(total.column, total.currency), total);
  }

  /** Sums per money column and currency. */
  get money(): readonly MoneyTotal[] {
    return [...this.sums.values()];
  }

  private add(row: Row): void {
    this.rows++;
    const { windowColumn, money = [] } = this.schema;
    if (windowColumn !== undefined) {
      const day = row[windowColumn];
      if (typeof day !== 'string' || day < this.window.start || day >= this.window.end) {
        this.rowsOutsideWindow++;
      }
    }
    for (const { amount, currency } of money) {
      const value = row[amount];
      if (value === null || value === undefined) continue;
      const rounded = roundDecimal(String(value), this.decimalScale);
      const key = keyOf(amount, String(row[currency]));
      const sum = this.sums.get(key)?.sum ?? '0';
      this.sums.set(key, {
        column: amount,
        currency: String(row[currency]),
        sum: addDecimals(sum, rounded),
      });
    }
  }
}

function keyOf(column: string, currency: string): string {
  return JSON.stringify([column, currency]);
}
