import { IsOptional, Matches } from 'class-validator';

/** `processor.options` of a pipeline over a billing export. */
export class GcpBillingExportOptions {
  /** First usage day that is ever loaded, as `YYYY-MM-DD` in UTC. Default: every day that the export holds. */
  @IsOptional()
  @Matches(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, {
    message: 'since: must be a day, as YYYY-MM-DD',
  })
  since?: string;
}
