import { IsIn } from 'class-validator';
import { ExportOptions } from '../export/export-options.ts';
import { INCOMPLETE_ROWS, type IncompleteRows } from '../export/incomplete-rows.ts';

/** `processor.options` of a pipeline over a billing export. */
export class GcpBillingExportOptions extends ExportOptions {
  /**
   * What becomes of rows that hold money and lack what a row needs, such as a day or a currency: `refuse` fails the run,
   * `leave_out` loads the others. The error, or the receipt, counts them. Default `refuse`.
   */
  @IsIn(INCOMPLETE_ROWS)
  incomplete_rows: IncompleteRows = 'refuse';
}
