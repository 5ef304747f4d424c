import { ApiProperty } from '@nestjs/swagger';
import { WRITE_DISPOSITIONS, type MoneyTotal, type WriteDisposition } from '@pipelines/pipeline';
import type { RunReceipt } from '@pipelines/runs';

/** The rows at every step of a run. */
export class ReceiptRowsView {
  @ApiProperty({ type: 'integer' })
  readonly extracted: number;

  @ApiProperty({ type: 'integer' })
  readonly staged: number;

  @ApiProperty({ type: 'integer' })
  readonly committed: number;

  @ApiProperty({ type: 'integer', description: 'Rows that stood in the place of the committed ones.' })
  readonly replaced: number;
}

/** The sum of a money column in one currency. */
export class MoneyTotalView implements MoneyTotal {
  @ApiProperty({ type: String, example: 'cost' })
  readonly column: string;

  @ApiProperty({ type: String, example: 'USD' })
  readonly currency: string;

  @ApiProperty({ type: String, description: 'Exact decimal.', example: '1234.567890' })
  readonly sum: string;
}

/** The money at every step of a run. */
export class ReceiptMoneyView {
  @ApiProperty({ type: MoneyTotalView, isArray: true })
  readonly extracted: readonly MoneyTotalView[];

  @ApiProperty({ type: MoneyTotalView, isArray: true })
  readonly staged: readonly MoneyTotalView[];
}

/** What a completed run proves: the rows and sums at every step. */
export class RunReceiptView implements RunReceipt {
  @ApiProperty({ type: String, description: '`dataset.table`.' })
  readonly target: string;

  @ApiProperty({ type: String, enum: WRITE_DISPOSITIONS })
  readonly write_disposition: WriteDisposition;

  @ApiProperty({ type: ReceiptRowsView })
  readonly rows: ReceiptRowsView;

  @ApiProperty({ type: ReceiptMoneyView })
  readonly money: ReceiptMoneyView;

  @ApiProperty({ type: String, isArray: true, description: "The warehouse's jobs." })
  readonly job_ids: readonly string[];

  @ApiProperty({ type: Boolean, description: 'An earlier attempt of the run had committed.' })
  readonly already_committed: boolean;
}
