import type { Type } from '@nestjs/common';
import { PipelineError } from '@pipelines/pipeline';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';

/**
 * Reads a secret by its provider's class. Fields that the class does not declare are dropped: providers' key files
 * hold more than we use.
 *
 * @throws PipelineError `credential_malformed` naming every wrong field, and no value of the secret.
 */
export function readSecret<T extends object>(type: Type<T>, provider: string, secret: unknown): T {
  if (typeof secret !== 'object' || secret === null || Array.isArray(secret)) {
    throw malformed(provider, [{ field: 'secret', message: 'secret must be an object.' }]);
  }
  const instance = plainToInstance(type, secret);
  const errors = validateSync(instance, { whitelist: true, forbidUnknownValues: false });
  const values = leaves([secret, instance]);
  const problems = errors.flatMap((error) => fieldProblems(error, '', values));
  if (problems.length > 0) throw malformed(provider, problems);
  return instance;
}

interface SecretProblem {
  readonly field: string;
  readonly message: string;
}

function malformed(provider: string, problems: readonly SecretProblem[]): PipelineError {
  const text = problems.map(({ message }) => message).join(' ');
  return new PipelineError(
    'credential_malformed',
    `The secret does not have the shape of ${provider}'s: ${text}`,
    { facts: { problems } },
  );
}

function fieldProblems(error: ValidationError, parent: string, values: readonly string[]): SecretProblem[] {
  const { property, constraints = {}, children = [] } = error;
  const field = parent ? `${parent}.${property}` : property;
  const own = Object.values(constraints).map((text) => ({
    field,
    message: messageOf(text, error, field, values),
  }));
  return [...own, ...children.flatMap((child) => fieldProblems(child, field, values))];
}

/** A provider's message may quote what it refuses; such a message is not passed on. */
function messageOf(
  text: string,
  { property }: ValidationError,
  field: string,
  values: readonly string[],
): string {
  if (values.some((value) => text.includes(value))) return `${field} is not valid.`;
  const named = [' ', ':'].some((after) => text.startsWith(property + after))
    ? text.replace(property, field)
    : `${field}: ${text}`;
  return named.endsWith('.') ? named : `${named}.`;
}

/** Texts and numbers of the secret long enough to give something away. */
function leaves(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  const text = String(value);
  return text.length >= 4 ? [text] : [];
}
