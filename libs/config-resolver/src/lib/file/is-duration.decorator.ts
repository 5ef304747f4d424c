import { ValidateBy } from 'class-validator';
import { parseDuration } from './duration.ts';

/** The property is a duration no longer than `max`. */
export const IsDuration = (max: string): PropertyDecorator =>
  ValidateBy({
    name: 'isDuration',
    validator: {
      validate: (value) =>
        typeof value === 'string' && (parseDuration(value) ?? Infinity) <= parseDuration(max)!,
      defaultMessage: () => `$property must be a duration such as "90s", "30m" or "2h", at most "${max}"`,
    },
  });
