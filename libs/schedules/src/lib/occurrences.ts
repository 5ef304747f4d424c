import { createHash } from 'node:crypto';
import type { PipelineIdentity, PipelineSchedule } from '@pipelines/config-resolver';
import { CronExpressionParser } from 'cron-parser';

type CronInZone = Pick<PipelineSchedule, 'cron' | 'timezone'>;

/**
 * The first occurrence after an instant. Where clocks are set forward, an occurrence in the hour that is left out comes
 * with the hour after it; where they are set back, one in the repeated hour comes once, unless the hours are `*`.
 */
export function nextOccurrence({ cron, timezone }: CronInZone, after: Date): Date {
  return CronExpressionParser.parse(cron, { tz: timezone, currentDate: after }).next().toDate();
}

/** Occurrences after `after` and until `until`, oldest first. They are sought forward alone: backward, cron-parser finds some twice. */
export function occurrencesBetween({ cron, timezone }: CronInZone, after: Date, until: Date): Date[] {
  const expression = CronExpressionParser.parse(cron, { tz: timezone, currentDate: after });
  const found: Date[] = [];
  for (let due = expression.next().toDate(); due <= until; due = expression.next().toDate()) found.push(due);
  return found;
}

/**
 * By how much an organization starts after each occurrence, in milliseconds: always the same for it and the pipeline,
 * and less than the jitter.
 */
export function startOffset(
  { org, provider, domain, pipeline }: PipelineIdentity & { readonly org: string },
  jitterMs: number,
): number {
  if (jitterMs === 0) return 0;
  const path = [org, provider, domain, pipeline].join('/');
  return createHash('sha256').update(path).digest().readUIntBE(0, 6) % jitterMs;
}
