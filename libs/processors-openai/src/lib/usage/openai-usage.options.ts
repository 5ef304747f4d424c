import { IsIn, IsInt, Max, Min } from 'class-validator';

/** `processor.options` of a usage pipeline. */
export class OpenAiUsageOptions {
  /** What was used; each kind has a table of its own. Default `completions`, the only kind so far. */
  @IsIn(['completions'])
  kind = 'completions' as const;

  /** Length of a bucket. Default `1d`, a UTC day, the only one so far. */
  @IsIn(['1d'])
  bucket_width = '1d' as const;

  /** Days asked for in one page, 1 to 31. Fewer use less memory, more make fewer requests. Default 7. */
  @IsInt()
  @Min(1)
  @Max(31)
  page_days: number = 7;
}
