export { assertActive, type Plan } from './lib/plan.ts';
export { PlanReader } from './lib/plan.reader.ts';
export {
  quotaStatus,
  rateLimitFields,
  type LimitName,
  type LimitStatus,
  type RateLimitFields,
} from './lib/quota-status.ts';
export { quotaDenial, QuotaExceededError } from './lib/quota-denial.ts';
export { QuotaModule } from './lib/quota.module.ts';
export { QuotaReader, type Quota } from './lib/quota.reader.ts';
export type { QuotaOptions } from './lib/quota.options.ts';
export { UsageReader, type Usage } from './lib/usage.reader.ts';
