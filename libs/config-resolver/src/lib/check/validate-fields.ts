import type { Type } from '@nestjs/common';
import { nearestName } from '@pipelines/pipeline';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import type { FieldProblem } from '../config-problem.ts';

/** An instance of the class, and the problems that keep it from being used. */
export interface ValidatedFields<T> {
  readonly instance: T;
  readonly problems: readonly FieldProblem[];
}

/** Validates a mapping by its class-validator class; keys that the class does not declare are problems. */
export function validateFields<T extends object>(
  type: Type<T>,
  value: object,
  parent = '',
): ValidatedFields<T> {
  const instance = plainToInstance(type, value);
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    // A class without a single field is a legal way to say "no options"; every key is unknown then.
    forbidUnknownValues: false,
  });
  return { instance, problems: errors.flatMap((error) => fieldProblems(error, parent)) };
}

function fieldProblems(error: ValidationError, parent: string): FieldProblem[] {
  const { property, constraints = {}, children = [], value } = error;
  const field = parent ? `${parent}.${property}` : property;

  if ('whitelistValidation' in constraints) return [unknownKey(error, field)];
  const messages = Object.values(constraints).map((text) =>
    [' ', ':'].some((after) => text.startsWith(property + after))
      ? text.replace(property, field)
      : `${field}: ${text}`,
  );
  if (messages.length === 0) return children.flatMap((child) => fieldProblems(child, field));
  const missing = value === undefined ? `${field} is missing. ` : '';
  return [{ field, message: `${missing}${[...new Set(messages)].join('; ')}.` }];
}

function unknownKey({ target, property }: ValidationError, field: string): FieldProblem {
  const known = declaredKeys(target!.constructor);
  const nearest = nearestName(property, known);
  const advice = nearest ? ` Did you mean "${nearest}"?` : '';
  return {
    field,
    atKey: true,
    message: `${field}: unknown key.${advice} Known here: ${known.join(', ') || 'none'}.`,
  };
}

/** The keys of a mapping that the class declares. */
export function declaredKeys(type: NonNullable<unknown>): string[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(type as Type, '', true, false);
  return [...new Set(metadata.map(({ propertyName }) => propertyName))];
}
