import { ValidateBy } from 'class-validator';

/** The property is a list of one to `max` different column names. */
export const IsColumnList = (max = Infinity): PropertyDecorator =>
  ValidateBy({
    name: 'isColumnList',
    validator: {
      validate: (value) =>
        Array.isArray(value) &&
        value.length > 0 &&
        value.length <= max &&
        value.every((name) => typeof name === 'string') &&
        new Set(value).size === value.length,
      defaultMessage: () =>
        `$property must be a list of different columns${max === Infinity ? '' : `, at most ${max}`}`,
    },
  });
