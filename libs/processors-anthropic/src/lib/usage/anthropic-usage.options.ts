import { ArrayUnique, IsArray, IsIn, IsInt, Max, Min, ValidateBy } from 'class-validator';
import { OPTIONAL_USAGE_DIMENSIONS } from './anthropic-usage.api.ts';

/** The API answers with 168 hourly buckets on a page at most. */
const MAX_HOURLY_PAGE_DAYS = 7;

/** `processor.options` of a usage pipeline. */
export class AnthropicUsageOptions {
  /** What was used. Default `messages`, the only report that there is. */
  @IsIn(['messages'])
  kind = 'messages' as const;

  /** Length of a bucket: `1d`, a UTC day, or `1h`. Default `1d`. */
  @IsIn(['1d', '1h'])
  bucket_width: '1d' | '1h' = '1d';

  /** Days asked for in one page, 1 to 31, of hours 1 to 7. Fewer use less memory, more make fewer requests. Default 7. */
  @IsInt()
  @Min(1)
  @Max(31)
  @ValidateBy({
    name: 'fitsHourlyPage',
    validator: {
      validate: (value, args) =>
        (args!.object as AnthropicUsageOptions).bucket_width !== '1h' ||
        Number(value) <= MAX_HOURLY_PAGE_DAYS,
      defaultMessage: () =>
        `$property must not be greater than ${MAX_HOURLY_PAGE_DAYS} when bucket_width is 1h`,
    },
  })
  page_days: number = 7;

  /** Dimensions that usage is not grouped by; their columns are null. Default none. */
  @IsArray()
  @ArrayUnique()
  @IsIn(OPTIONAL_USAGE_DIMENSIONS, { each: true })
  leave_out: (typeof OPTIONAL_USAGE_DIMENSIONS)[number][] = [];
}
