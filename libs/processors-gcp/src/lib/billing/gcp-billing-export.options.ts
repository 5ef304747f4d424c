import { IsOptional } from 'class-validator';
import { IsDay } from '../export/is-day.ts';

/** `processor.options` of a pipeline over a billing export. */
export class GcpBillingExportOptions {
  /**
   * First usage day that is ever loaded, as `YYYY-MM-DD` in UTC; earlier ones that are loaded stay as they are. Default:
   * every day that the export holds.
   */
  @IsOptional()
  @IsDay()
  since?: string;
}
