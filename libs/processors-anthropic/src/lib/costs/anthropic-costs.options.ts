import { ArrayUnique, IsArray, IsIn, IsInt, Max, Min } from 'class-validator';

/** Dimensions of costs, with the columns that are null without them. All are optional. */
export const COST_COLUMNS = {
  workspace_id: ['workspace_id', 'default_workspace_id', 'workspace_name'],
  description: [
    ...['description', 'cost_type', 'token_type'],
    ...['model', 'service_tier', 'context_window', 'inference_geo'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A dimension of costs. */
export type CostDimension = keyof typeof COST_COLUMNS;

/** All of them. */
export const COST_DIMENSIONS = Object.keys(COST_COLUMNS) as CostDimension[];

/** `processor.options` of a costs pipeline. */
export class AnthropicCostsOptions {
  /** Days asked for in one page, 1 to 31. Fewer use less memory, more make fewer requests. Default 7. */
  @IsInt()
  @Min(1)
  @Max(31)
  page_days: number = 7;

  /** Dimensions that costs are not grouped by; their columns are null. Default none. */
  @IsArray()
  @ArrayUnique()
  @IsIn(COST_DIMENSIONS, { each: true })
  leave_out: CostDimension[] = [];
}
