import { ValidateBy } from 'class-validator';
import { cronProblem } from '../schedule/cron.ts';

/** The property is a cron expression of five fields that has a next occurrence. */
export const IsCron = (): PropertyDecorator =>
  ValidateBy({
    name: 'isCron',
    validator: {
      validate: (value) => typeof value === 'string' && cronProblem(value) === undefined,
      defaultMessage: (args) => {
        const value: unknown = args?.value;
        const problem = typeof value === 'string' ? cronProblem(value) : 'it must be a text';
        return `$property must be a cron expression such as "0 3 * * *": ${problem}`;
      },
    },
  });
