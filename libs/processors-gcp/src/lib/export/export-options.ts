import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsDay } from './is-day.ts';

/** `processor.options` that pipelines over exports of Cloud Billing share. */
export class ExportOptions {
  /**
   * First day that is ever loaded, as `YYYY-MM-DD` in UTC; earlier ones that are loaded stay as they are. Default: every
   * day that the export holds.
   */
  @IsOptional()
  @IsDay()
  since?: string;

  /**
   * Days behind the latest export time of each billing account within which every run compares the rows of the export with
   * those that are loaded, from 1 to 90: a row that arrives with an export time as old as that is found. Default 7.
   */
  @IsInt()
  @Min(1)
  @Max(90)
  export_lookback_days: number = 7;
}
