import { ValidateBy } from 'class-validator';
import { PIPELINE_PATH } from './names.ts';

/** The property is a list of different pipelines, each named by its path. */
export const IsPipelineList = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPipelineList',
    validator: {
      validate: (value) =>
        Array.isArray(value) &&
        value.every((path) => typeof path === 'string' && PIPELINE_PATH.test(path)) &&
        new Set(value).size === value.length,
      defaultMessage: () =>
        '$property must be a list of different pipelines, each as provider/domain/pipeline',
    },
  });
