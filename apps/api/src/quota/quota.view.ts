import { ApiProperty } from '@nestjs/swagger';
import type { LimitName, LimitStatus, Plan } from '@pipelines/quota';

/** One limit of a plan and what is used of it. */
export class LimitView {
  @ApiProperty({ type: String, enum: ['daily', 'monthly', 'concurrent'] })
  readonly name: LimitName;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Null: unlimited.' })
  readonly allowed: number | null;

  @ApiProperty({ type: 'integer' })
  readonly used: number;

  @ApiProperty({ type: 'integer', nullable: true })
  readonly remaining: number | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'In UTC; null as it frees up.',
  })
  readonly resets_at: Date | null;
}

/** The plan of an organization and what is used of it. */
export class QuotaView {
  @ApiProperty({ type: String, example: 'acme_corp' })
  readonly org: string;

  @ApiProperty({ type: String, description: 'As Supabase has it.' })
  readonly subscription_status: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly trial_ends_at: Date | null;

  @ApiProperty({ type: [LimitView] })
  readonly limits: readonly LimitView[];
}

/** The limit as the API shows it. */
export function limitView({ resetsAt, ...limit }: LimitStatus): LimitView {
  return { ...limit, resets_at: resetsAt };
}

/** The quota as the API shows it. */
export function quotaView(plan: Plan, limits: readonly LimitStatus[]): QuotaView {
  return {
    org: plan.org,
    subscription_status: plan.status,
    trial_ends_at: plan.trialEndsAt,
    limits: limits.map(limitView),
  };
}
