import { CronExpressionParser } from 'cron-parser';

const FIELDS = 5;

/**
 * What is wrong with a cron expression; undefined when nothing is. The five standard fields are taken, with names of
 * months and weekdays: no seconds, no macros such as `@daily`, and no `H`, which would be another time in every process.
 */
export function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (cron.startsWith('@') || fields.length !== FIELDS) {
    return 'it must have five fields: minute, hour, day of month, month, day of week';
  }
  if (fields.some((field) => /^H/.test(field)))
    return 'H is not a value; jitter spreads a schedule over time';
  try {
    CronExpressionParser.parse(cron).next();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
