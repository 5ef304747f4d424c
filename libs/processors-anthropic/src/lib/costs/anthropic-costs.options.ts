import { IsInt, Max, Min } from 'class-validator';

/** `processor.options` of a costs pipeline. */
export class AnthropicCostsOptions {
  /** Days asked for in one page, 1 to 31. Fewer use less memory, more make fewer requests. Default 7. */
  @IsInt()
  @Min(1)
  @Max(31)
  page_days: number = 7;
}
