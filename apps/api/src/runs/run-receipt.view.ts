import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type ControlProof,
  type ErrorCode,
  type LeftOutPart,
  MAX_RESTATED_ENTRIES,
  WRITE_DISPOSITIONS,
  type MoneyTotal,
  type PassedOverRows,
  type RestatedFigure,
  type Restatement,
  type WriteDisposition,
} from '@pipelines/pipeline';
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

  @ApiProperty({
    type: MoneyTotalView,
    isArray: true,
    description: "The run's rows in the target, summed inside the commit's transaction.",
  })
  readonly committed: readonly MoneyTotalView[];
}

/** What staging took. */
export class ReceiptBytesView {
  @ApiProperty({
    type: 'integer',
    description:
      'Size of what was handed over: the compressed upload in BigQuery, the staging file in DuckDB.',
  })
  readonly staged: number;

  @ApiProperty({
    type: 'integer',
    description: 'Bytes that a staging query read in BigQuery, which bills them.',
  })
  readonly processed: number;
}

/** A figure that the commit changed. */
export class RestatedFigureView implements RestatedFigure {
  @ApiProperty({ type: String, format: 'date' })
  readonly day: string;

  @ApiProperty({ type: String, example: 'cost' })
  readonly column: string;

  @ApiProperty({ type: String, example: 'USD' })
  readonly currency: string;

  @ApiProperty({ type: String, description: 'Exact decimal.', example: '12.50' })
  readonly before: string;

  @ApiProperty({ type: String, description: 'Exact decimal.', example: '12.75' })
  readonly after: string;

  @ApiProperty({ type: String, description: '`after - before`, exact.', example: '0.25' })
  readonly difference: string;
}

/** The figures that the target told before and tells otherwise since the run. */
export class RestatementView implements Restatement {
  @ApiProperty({ type: 'integer', description: 'How many there are.' })
  readonly figures: number;

  @ApiProperty({
    type: RestatedFigureView,
    isArray: true,
    description: `Newest day first, at most ${MAX_RESTATED_ENTRIES}. A day that held no rows before is new, not restated.`,
  })
  readonly entries: readonly RestatedFigureView[];
}

/** How what a query staged was compared with what its sources hold. */
export class ControlProofView implements ControlProof {
  @ApiProperty({
    type: String,
    isArray: true,
    description: 'Columns of the table by which rows were grouped; an instant by its UTC day.',
    example: [
      'ServiceProviderName',
      'x_SourceTable',
      'x_SourcePipeline',
      'x_ChargeDate',
      'ChargePeriodStart',
      'BillingCurrency',
    ],
  })
  readonly by: readonly string[];

  @ApiProperty({
    type: String,
    isArray: true,
    description: 'Columns whose sums of each group are equal in every digit, as is the number of rows.',
    example: ['BilledCost', 'EffectiveCost'],
  })
  readonly sums: readonly string[];

  @ApiProperty({ type: 'integer', description: 'How many groups there are.' })
  readonly groups: number;
}

/** Rows of the sources that are not loaded, because they lack what every row has. */
export class PassedOverRowsView implements PassedOverRows {
  @ApiProperty({ type: String, description: 'What they lack.', example: 'no currency' })
  readonly reason: string;

  @ApiProperty({ type: 'integer' })
  readonly rows: number;

  @ApiProperty({
    type: 'integer',
    description:
      'How many of them hold money. Above 0 only where `processor.options.incomplete_rows` is `leave_out`.',
  })
  readonly rows_with_money: number;
}

/** An optional part of a run that the provider refused or failed to give. */
export class LeftOutPartView implements LeftOutPart {
  @ApiProperty({ type: String, example: 'names of API keys' })
  readonly part: string;

  @ApiProperty({
    type: String,
    description: 'Why, as docs/errors.md lists it.',
    example: 'credential_rejected',
  })
  readonly code: ErrorCode;

  @ApiProperty({ type: String, description: 'The message of the error.' })
  readonly reason: string;
}

/** What a completed run proves: the rows and sums at every step, and what they changed. */
export class RunReceiptView implements RunReceipt {
  @ApiProperty({ type: String, description: '`dataset.table`.' })
  readonly target: string;

  @ApiProperty({ type: String, enum: WRITE_DISPOSITIONS })
  readonly write_disposition: WriteDisposition;

  @ApiProperty({ type: ReceiptRowsView })
  readonly rows: ReceiptRowsView;

  @ApiProperty({ type: ReceiptMoneyView })
  readonly money: ReceiptMoneyView;

  @ApiProperty({ type: ReceiptBytesView })
  readonly bytes: ReceiptBytesView;

  @ApiProperty({
    type: String,
    format: 'date',
    isArray: true,
    description:
      'Days of the window, and others that an incremental pipeline had rows of, that held rows before `replace_partitions` exchanged them.',
  })
  readonly partitions_replaced: readonly string[];

  @ApiPropertyOptional({
    type: ControlProofView,
    description:
      'Of a pipeline that builds its table from others and can tell by a second way what these hold: the comparison. `extracted` is what the sources hold then. Absent otherwise.',
  })
  readonly control?: ControlProofView;

  @ApiPropertyOptional({
    type: PassedOverRowsView,
    isArray: true,
    description:
      'Rows of the sources that are not loaded, by what they lack, as far back as the run looks. Absent when there are none.',
  })
  readonly passed_over?: readonly PassedOverRowsView[];

  @ApiPropertyOptional({
    type: LeftOutPartView,
    isArray: true,
    description:
      'Parts that the figures do not need, names or a grouping, which the provider refused or failed to give: their columns are null. Absent when there are none.',
  })
  readonly left_out?: readonly LeftOutPartView[];

  @ApiProperty({ type: RestatementView })
  readonly restatement: RestatementView;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description:
      'Of an incremental pipeline: how far it has read its sources, to the microsecond; by the latest clock, where there are several.',
  })
  readonly watermark?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string', format: 'date-time' },
    description:
      'Of an incremental pipeline whose sources have several clocks: how far it has read by each. Of `gcp_billing_costs` and `gcp_prices` by billing account, with an empty name where a row names none.',
    example: { '01AB23-CD45EF-678901': '2026-11-20T05:00:00.000000Z' },
  })
  readonly watermarks?: Readonly<Record<string, string>>;

  @ApiProperty({ type: String, isArray: true, description: "The warehouse's jobs, the commit's last." })
  readonly job_ids: readonly string[];

  @ApiProperty({ type: Boolean, description: 'An earlier attempt of the run had committed.' })
  readonly already_committed: boolean;
}
