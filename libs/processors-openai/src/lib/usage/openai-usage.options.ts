import { ArrayUnique, IsArray, IsIn, IsInt, Max, Min, ValidateBy } from 'class-validator';
import {
  USAGE_DIMENSIONS,
  USAGE_KINDS,
  type UsageDimension,
  type UsageKindName,
} from './openai-usage.kinds.ts';

/** The API answers with 168 hourly buckets on a page at most. */
const MAX_HOURLY_PAGE_DAYS = 7;

/** `processor.options` of a usage pipeline. */
export class OpenAiUsageOptions {
  /** What was used; each kind has a table of its own. Default `completions`. */
  @IsIn(Object.keys(USAGE_KINDS))
  kind: UsageKindName = 'completions';

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
        (args!.object as OpenAiUsageOptions).bucket_width !== '1h' || Number(value) <= MAX_HOURLY_PAGE_DAYS,
      defaultMessage: () =>
        `$property must not be greater than ${MAX_HOURLY_PAGE_DAYS} when bucket_width is 1h`,
    },
  })
  page_days: number = 7;

  /** Dimensions of the kind that usage is not grouped by; their columns are null. Default none. */
  @IsArray()
  @ArrayUnique()
  @IsIn(Object.keys(USAGE_DIMENSIONS), { each: true })
  leave_out: UsageDimension[] = [];
}
