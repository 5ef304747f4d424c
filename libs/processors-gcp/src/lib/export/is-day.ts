import { parseUtcDate } from '@pipelines/pipeline';
import { ValidateBy } from 'class-validator';

/** The value is a UTC day that exists, as `YYYY-MM-DD`. */
export function IsDay(): PropertyDecorator {
  return ValidateBy({
    name: 'isDay',
    validator: {
      validate: isDay,
      defaultMessage: () => '$property must be a day that exists, as YYYY-MM-DD',
    },
  });
}

function isDay(value: unknown): boolean {
  try {
    return typeof value === 'string' && parseUtcDate(value, 'day') === value;
  } catch {
    return false;
  }
}
