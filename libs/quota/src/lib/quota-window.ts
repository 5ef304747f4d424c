import { addDays, startOfDay, toUtcDate } from '@pipelines/pipeline';

/** When the limits that count by the calendar start anew, in UTC. */
export interface QuotaResets {
  readonly daily: Date;
  readonly monthly: Date;
}

/** The next midnight and the next first of a month after the instant, in UTC. */
export function quotaResets(now: Date): QuotaResets {
  return {
    daily: startOfDay(addDays(toUtcDate(now), 1)),
    monthly: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)),
  };
}
